// deno-lint-ignore-file no-control-regex
/**
 * A script on a pseudo terminal: keys are pressed, the window is resized, signals are sent, and what stands on the screen is
 * read. The terminal is that of util-linux's `script`; a shell runs before and after as a person's does.
 *
 * @module
 */
import { FakeTerminal } from "../examples/_fake_terminal.ts";
import { ROOT } from "./subprocess.ts";

/** How a script is run. */
export interface PtyOptions {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
}

/** Milliseconds after which what was not written is not waited for. */
const PATIENCE = 120_000;

/** A script that runs on a pseudo terminal. */
export class PseudoTerminal implements AsyncDisposable {
  /** All that was written, with its codes. */
  output = "";
  readonly #process: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  readonly #folder: string;
  #columns: number;
  #rows: number;
  #isOver = false;
  #onOutput: () => void = () => {};

  /** Begins to run a script with arguments: one of examples/ by its name, another by its path. */
  constructor(name: string, args: string[], { columns = 80, rows = 24, env = {} }: PtyOptions = {}) {
    this.#folder = Deno.makeTempDirSync();
    [this.#columns, this.#rows] = [columns, rows];
    const command = [
      Deno.execPath(),
      "run",
      "-q",
      "-P",
      "--no-prompt",
      name.startsWith("/") ? name : `examples/${name}`,
      ...args,
    ].map((
      word,
    ) => `'${word}'`).join(" ");
    const shell = [
      `stty cols ${columns} rows ${rows}`,
      `tty > '${this.#folder}/tty'`,
      "trap : INT",
      `sh -c 'echo $$ > "${this.#folder}/pid"; exec "$@"' sh ${command}`,
      'echo "[code $?]"',
      "stty -a",
    ].join("; ");
    const variables = { TERM: "xterm-256color", CI: "", NO_COLOR: "1", LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
    this.#process = new Deno.Command("script", {
      args: ["-qec", shell, "/dev/null"],
      cwd: ROOT,
      env: { ...variables, XDG_RUNTIME_DIR: "/", SHELL: "/bin/sh", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#keys = this.#process.stdin.getWriter();
    this.#read = this.#readAll();
  }

  async #readAll(): Promise<void> {
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      this.output += text;
      this.#onOutput();
    }
    this.#isOver = true;
    this.#onOutput();
  }

  /** What stands on the screen and in the scrollback, as a terminal of this size shows it. */
  get lines(): string[] {
    const terminal = new FakeTerminal(this.#columns, this.#rows);
    terminal.wraps = true;
    const whole = this.output.replace(/\x1b[^A-Za-z]*$/, ""); // the beginning of a code is read with its end
    terminal.write(whole.replaceAll("\r\n", "\n"));
    return terminal.text();
  }

  /** Waits until something was written, behind so many letters that were written before. */
  async until(wanted: RegExp, since = 0): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#onOutput();
    }, PATIENCE);
    while (!wanted.test(this.output.slice(since))) {
      if (this.#isOver || isLate) {
        clearTimeout(timer);
        throw new Error(`${wanted} was not written:\n${this.output}`);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onOutput = resolve;
      await promise;
    }
    clearTimeout(timer);
  }

  /** Presses keys. */
  async press(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Gives the window another size. */
  async resize(columns: number, rows: number): Promise<void> {
    const tty = (await Deno.readTextFile(`${this.#folder}/tty`)).trim();
    const { code } = await new Deno.Command("stty", {
      args: ["-F", tty, "cols", `${columns}`, "rows", `${rows}`],
      stdin: "null",
    }).output();
    if (code !== 0) throw new Error(`stty ended with ${code}`);
    [this.#columns, this.#rows] = [columns, rows];
  }

  /** Sends the script a signal. */
  async kill(signal: Deno.Signal): Promise<void> {
    Deno.kill(Number(await Deno.readTextFile(`${this.#folder}/pid`)), signal);
  }

  /** Waits for the end, and gives the exit code and whether the terminal has lines and echo as it had before. */
  async ended(): Promise<{ code: number; isRestored: boolean }> {
    await this.until(/\[code \d+\][^]*-?\becho\b/);
    await this.#keys.close().catch(() => {});
    await this.#read;
    const code = Number(this.output.match(/\[code (\d+)\]/)![1]);
    const modes = this.output.slice(this.output.lastIndexOf("[code")).split(/[\s;]+/);
    return { code, isRestored: modes.includes("icanon") && modes.includes("echo") };
  }

  /** Ends what is still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keys.close().catch(() => {});
    if (!this.#isOver) await this.kill("SIGKILL").catch(() => {});
    await this.#read;
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
