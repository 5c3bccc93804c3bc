/**
 * Single keys from the terminal.
 *
 * @module
 */

/** What of Node's standard input is used: Deno's own keeps a process from ending while it is read. */
interface Input {
  on(event: "data", take: (bytes: Uint8Array) => void): void;
  on(event: "error", take: () => void): void;
  off(event: "data" | "error", take: (bytes: Uint8Array) => void): void;
  resume(): void;
  pause(): void;
}

/** Reads keys, and hands each to a function, while it is on. */
export class Keyboard {
  readonly #take: (key: string) => void;
  #input: Input | null = null;
  #isOn = false;
  #isLoading = false;

  /** @param take Takes each key. */
  constructor(take: (key: string) => void) {
    this.#take = take;
  }

  /** Brings the terminal into the mode of single keys without echo, or back into the one before. Ctrl-C stays a signal. */
  setOn(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    try {
      Deno.stdin.setRaw(isOn, { cbreak: isOn });
    } catch {
      return; // the terminal is gone
    }
    this.#isOn = isOn;
    if (isOn) this.#read();
    else this.#input?.pause();
  }

  /** Leaves the keys to the terminal. */
  [Symbol.dispose](): void {
    this.setOn(false);
    this.#input?.off("data", this.#onData);
    this.#input?.off("error", this.#onError);
    this.#input = null;
  }

  #onData = (bytes: Uint8Array) => {
    const text = new TextDecoder().decode(bytes);
    if (!this.#isOn || text.startsWith("\x1b")) return; // an arrow or the like is no letter
    for (const key of text) this.#take(key);
  };

  /** A terminal that is gone gives no more keys, and the training goes on. */
  #onError = () => {};

  #read(): void {
    if (this.#input) return this.#input.resume();
    if (this.#isLoading) return;
    this.#isLoading = true;
    import("node:process").then(({ stdin }) => {
      this.#isLoading = false;
      if (!this.#isOn) return;
      this.#input = stdin as unknown as Input;
      this.#input.on("data", this.#onData);
      this.#input.on("error", this.#onError);
      this.#input.resume();
    });
  }
}
