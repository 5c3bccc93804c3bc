/**
 * Being asked to end: Ctrl-C or SIGTERM while there is something to save first.
 *
 * @module
 */
import { screen } from "./screen.ts";
import { EXIT_CODES, onStop, type StopSignal } from "./signals.ts";
import { say } from "../words/words.ts";

/** Ends a script whose work is saved, with what is to be said. */
export class Stopped extends Error {
  /**
   * @param message What was saved, and how to go on.
   * @param code The exit code.
   */
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

/** Listens for the wish to end. The first one is noted, and left to who asks for it; a second ends the process at once. */
export class StopRequest {
  readonly #controller = new AbortController();
  readonly #promise: string;
  #code = 0;
  #isListening = false;

  /**
   * @param promise What is said when the wish is noted.
   */
  constructor(promise: string = say("finishing the step, then saving; a second Ctrl-C ends at once")) {
    this.#promise = promise;
  }

  /** Aborted when the process is asked to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins to listen: not before there is something to save, so that until then Ctrl-C ends the process at once. */
  listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    onStop((signal) => this.ask(signal));
  }

  /** Notes the wish to end, as a signal does that is listened for. */
  ask(signal: StopSignal = "SIGINT"): void {
    if (this.signal.aborted) return;
    this.#code = EXIT_CODES[signal];
    this.#controller.abort();
    screen.print(this.#promise);
  }

  /**
   * Ends the script, if that was asked for.
   *
   * @param message Says what was saved, and how to go on.
   * @throws {Stopped} If the process was asked to end.
   */
  throwIfAsked(message: () => string): void {
    if (this.signal.aborted) throw new Stopped(message(), this.#code);
  }

  /** Leaves the signals to the system again. */
  [Symbol.dispose](): void {
    onStop(null);
  }
}
