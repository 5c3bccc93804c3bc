/**
 * The live end of a terminal: a block of lines and a status line beneath it, redrawn in place.
 *
 * Both are drawn when they are called, never by a timer: on a CPU adapter the event loop stops for a whole step.
 * Where the output is no terminal both show nothing, and `Screen.print` writes plain lines.
 *
 * @module
 */
import { REDRAW_MS } from "../../data/_progress.ts";
import { cellOutput, notebookKernel } from "./notebook.ts";
import { standardOutput, type Terminal, type WindowSize } from "./terminal.ts";
import { clip, displayWidth, setParagraphs, toAscii, wrapWords } from "./text_width.ts";

/** Lays a block out for a window's size. */
export type Layout = (size: WindowSize) => string[];

/**
 * Lays out what stands around a block, and the block in the room that is left.
 *
 * @param block Lays out the block.
 * @param size The window's size.
 * @param isLast Whether it is the picture that stays.
 */
export type Frame = (block: Layout, size: WindowSize, isLast: boolean) => string[];

/** A live block and status line on a terminal; elsewhere only what is printed for good is written. */
export class Screen {
  #terminal: Terminal;
  readonly #now: () => number;
  #layout: Layout = () => [];
  #frame: Frame | null = null;
  #isPlain = false; // a terminal that is written to as a pipe is
  #drawnAt = -Infinity;
  #isStale = false; // what stands there is not the latest
  #status = "";
  #isBusy = false; // the process will not hear of a signal for a while
  #isHeard = false; // Ctrl-C is waited for
  #drawn: number[] = []; // widths of the lines that stand on the terminal, the cursor at the end of the last
  #size: WindowSize = { columns: 0, rows: 0 };

  /**
   * @param terminal What to write to, by default the standard output.
   * @param now Tells the time in milliseconds.
   */
  constructor(terminal: Terminal = standardOutput(), now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** What is written to. */
  get terminal(): Terminal {
    return this.#terminal;
  }

  /** From now on writes plain lines only, as where there is no terminal. */
  usePlainLines(): void {
    if (!this.#terminal.isTerminal) return;
    this.end();
    this.#isPlain = true;
    const { colors, unicode } = this.#terminal, terminal = this.#terminal;
    const write = (text: string) => terminal.write(text);
    this.#terminal = { isTerminal: false, colors, unicode, size: () => terminal.size(), write };
  }

  /** Shows a block of lines, laid out again whenever the window's size changes; within a frame a few times a second. */
  showBlock(layout: Layout): void {
    this.#layout = layout;
    this.refresh();
  }

  /** Draws what stands in the frame anew, or leaves it to the next line of status where that was done just now. */
  refresh(): void {
    this.#isStale = true;
    if (this.#frame === null || this.#now() - this.#drawnAt >= REDRAW_MS) this.#draw();
  }

  /** Puts a frame around the block; null takes it away. */
  setFrame(frame: Frame | null): void {
    this.#frame = frame;
    this.#isStale = true;
  }

  /**
   * Shows one line beneath the block.
   *
   * @param line The line.
   * @param options Whether the process is about to do something that lasts, such as compiling: then Ctrl-C ends it at
   * once, else when it next waits.
   */
  showStatus(line: string, { isBusy = false }: { isBusy?: boolean } = {}): void {
    const wasBusy = this.#isBusy, { columns, rows } = this.terminal.size();
    [this.#status, this.#isBusy] = [this.#spelled(line), isBusy];
    const isOther = columns !== this.#size.columns || this.#frame !== null && rows !== this.#size.rows;
    const isDue = this.#isStale && this.#now() - this.#drawnAt >= REDRAW_MS;
    if (isBusy || wasBusy || isOther || isDue || this.#drawn.length === 0) return this.#draw();
    const text = clip(this.#status, columns - 1);
    this.#drawn[this.#drawn.length - 1] = displayWidth(text);
    this.#write(`\r${text}\x1b[K`);
  }

  /** Writes a text for good, above what is live; a terminal's lines break between words. */
  print(text: string): void {
    const spelled = this.#spelled(text);
    const lines = wrapWords(spelled, this.columns);
    const wasLive = this.#drawn.length > 0, start = this.#home() + (wasLive ? "\x1b[J" : "");
    this.#drawn = [];
    const printed = `${start}${lines.join("\n")}\n`;
    if (wasLive) this.#draw(printed);
    else this.terminal.write(printed);
  }

  /** The columns that a line may take, without end where there is no terminal. */
  get columns(): number {
    return this.terminal.isTerminal || this.#isPlain ? this.terminal.size().columns - 1 : Infinity;
  }

  /** Writes paragraphs for good, in lines of the window's width; where there is no terminal each is a line. */
  printParagraphs(text: string): void {
    const columns = Number.isFinite(this.columns) ? Math.min(100, this.columns) : Infinity;
    for (const line of setParagraphs(this.#spelled(text), columns)) this.print(line);
  }

  /** Writes a warning: above what is live on a terminal, to stderr elsewhere. */
  warn(text: string): void {
    if (this.terminal.isTerminal) this.print(text);
    else console.error(this.#spelled(text));
  }

  /** Leaves the block where it stands, clears the status line, and starts anew beneath. */
  end(): void {
    if (this.#drawn.length > 0 && this.#frame === null) this.showStatus("");
    this.#isBusy = false;
    this.#status = "";
    if (this.#drawn.length > 0 && this.#frame !== null) this.#draw("", true);
    this.#layout = () => [];
    this.#drawn = [];
    this.#listen(false);
  }

  /** Ends the screen, for `using`. */
  [Symbol.dispose](): void {
    this.end();
  }

  /** The text with the signs that the terminal has. */
  #spelled(text: string): string {
    return this.terminal.unicode ? text : toAscii(text);
  }

  /** Waits for Ctrl-C, which ends the process on a new line, or leaves it to the system. */
  #listen(isHeard: boolean): void {
    if (!this.terminal.isTerminal || isHeard === this.#isHeard) return;
    this.#isHeard = isHeard;
    this.terminal.onInterrupt?.(isHeard ? () => this.terminal.write("\n") : null);
  }

  #write(text: string): void {
    if (this.terminal.isTerminal) this.terminal.write(text);
  }

  /** Moves to the first live line; terminals that grew narrower have wrapped the lines since. */
  #home(): string {
    if (this.#drawn.length === 0) return "";
    const { columns, rows } = this.terminal.size();
    const height = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    const up = Math.min(height, rows) - 1;
    return up > 0 ? `\r\x1b[${up}A` : "\r";
  }

  /** Draws all, behind what is printed before it. */
  #draw(printed = "", isLast = false): void {
    if (!this.terminal.isTerminal) return;
    const size = this.terminal.size();
    const block = this.#frame ? this.#frame(this.#layout, size, isLast) : this.#layout(size);
    // What the shell writes after Ctrl-C is to begin on a line of its own, which a busy process cannot give it then
    const lines = [...block, this.#status, ...this.#isBusy ? [""] : []].slice(-size.rows)
      .map((line) => clip(this.#spelled(line), size.columns - 1)); // a full last column would wrap
    this.#write(`${printed}${this.#home()}${lines.join("\x1b[K\n")}\x1b[J`);
    this.#listen(!this.#isBusy);
    this.#drawn = lines.map(displayWidth);
    this.#size = size;
    this.#isStale = false;
    this.#drawnAt = this.#now();
  }
}

/** What the scripts write to: the terminal, or a notebook's cell. */
export const screen: Screen = new Screen(notebookKernel() ? cellOutput() : standardOutput());
