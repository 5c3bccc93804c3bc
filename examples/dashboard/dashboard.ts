/**
 * The dashboard of the run under way, on a terminal that has room for it; it takes keys.
 *
 * It draws when the training tells something, and never by a timer: waiting for the GPU stops the event loop.
 *
 * @module
 */
import { basename } from "node:path";
import { control, type RunControl } from "../runs/run_control.ts";
import type { BeginEvent, RunEvent, RunWatcher } from "../runs/run_feed.ts";
import type { Screen } from "../terminal/screen.ts";
import { say, sayName } from "../words/words.ts";
import { dashboardFrame, type DashboardState, hasRoom } from "./dashboard_lines.ts";

/** By how much a key changes the learning rate. */
const FACTOR = 1.25;

/** Shows runs on a screen, and takes keys for the one under way. */
export class Dashboard implements RunWatcher, Disposable {
  readonly #screen: Screen;
  readonly #control: RunControl;
  #state: DashboardState | null = null;
  #isSaving = false;

  /**
   * @param screen Where it is shown.
   * @param asked Takes what the keys ask for.
   */
  constructor(screen: Screen, asked: RunControl = control) {
    this.#screen = screen;
    this.#control = asked;
  }

  /** Shows what happened. */
  event(event: RunEvent): void {
    if (event.kind === "begin") this.#begin(event);
    const state = this.#state;
    if (state === null) return;
    if (event.kind === "resume") state.history = event.history;
    else if (event.kind === "progress") [state.lr, state.secondsLeft] = [event.lr, event.secondsLeft];
    else if (event.kind === "epoch") state.history = [...state.history, event.metrics];
    else if (event.kind === "lr") [state.lr, state.message] = [event.lr, ""];
    else if (event.kind === "saved") this.#saved(state, event.file);
    else if (event.kind === "end") return this.#end();
    state.keys = this.#keys();
    this.#screen.refresh();
  }

  /** Takes the frame away and leaves the keys to the terminal. */
  [Symbol.dispose](): void {
    this.#end();
  }

  #begin({ title, device, lr, layers }: BeginEvent): void {
    this.#end();
    if (!hasRoom(this.#screen.terminal.size())) return;
    const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0).toLocaleString("en");
    this.#state = {
      title: say("{network}, {parameters} parameters, on {device}", {
        network: sayName(title),
        parameters,
        device,
      }),
      history: [],
      lr,
      secondsLeft: null,
      message: "",
      keys: "none",
    };
    this.#screen.setFrame(dashboardFrame(this.#state));
    this.#screen.terminal.onKeys?.((key) => this.#press(key));
  }

  #end(): void {
    if (this.#state === null) return;
    this.#state = null;
    this.#screen.terminal.onKeys?.(null);
    this.#screen.end();
    this.#screen.setFrame(null);
  }

  /** Tells of a checkpoint that was asked for; those after epochs come without. */
  #saved(state: DashboardState, file: string): void {
    if (this.#isSaving) state.message = say("saved {file}", { file: basename(file) });
    this.#isSaving = false;
  }

  #keys(): DashboardState["keys"] {
    if (!this.#control.isRunning || !this.#screen.terminal.onKeys) return "none";
    return this.#control.canSave ? "stop and save" : "stop";
  }

  /** Does what a key asks for, and says so at once. */
  #press(key: string): void {
    const state = this.#state, asked = this.#control;
    if (state === null || !asked.isRunning) return;
    const said = this.#ask(key);
    if (said === undefined) return;
    state.message = said;
    this.#screen.refresh();
  }

  /** What is said of what a key asked for; undefined where it is no key of ours. */
  #ask(key: string): string | undefined {
    const asked = this.#control;
    switch (key) {
      case "q":
        asked.requestStop();
        return say("stopping…");
      case "s":
        if (!asked.canSave) return say("without --out nothing is saved");
        asked.requestCheckpoint();
        this.#isSaving = true;
        return say("saving…");
      case "+":
      case "=":
        asked.scaleLr(FACTOR);
        return say("× {factor} from the next step on", { factor: FACTOR });
      case "-":
        asked.scaleLr(1 / FACTOR);
        return say("× {factor} from the next step on", { factor: 1 / FACTOR });
    }
  }
}
