/**
 * The live end of a terminal: a block of lines and a status line beneath it, redrawn in place.
 *
 * @module
 */

/** A window's size in characters. */
export interface WindowSize {
  columns: number;
  rows: number;
}

/** What a screen writes to. */
export interface Terminal {
  /** Whether lines can be redrawn: a terminal, and no CI log that keeps every redraw. */
  readonly isTerminal: boolean;
  /** Whether colours may be written. */
  readonly colors: boolean;
  /** Whether its font has braille and box characters. */
  readonly unicode: boolean;
  /** The window's size now. */
  size(): WindowSize;
  write(text: string): void;
}

/** An environment variable, where it may be read without asking. */
export function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined; // not worth asking the user for
}

function windowSize(): WindowSize {
  try {
    const { columns, rows } = Deno.consoleSize();
    if (columns > 0 && rows > 0) return { columns, rows };
  } catch {
    // some terminals have no size
  }
  return { columns: 80, rows: 24 };
}

/**
 * Describes the process's own standard output.
 *
 * @returns The terminal, or what stands in its place: `isTerminal` says which.
 */
export function standardOutput(): Terminal {
  const term = variable("TERM");
  return {
    isTerminal: Deno.stdout.isTerminal() && term !== "dumb" && !variable("CI"),
    colors: !Deno.noColor,
    unicode: term !== "linux", // the console of the kernel has no braille
    size: windowSize,
    write(text) {
      let bytes = new TextEncoder().encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    },
  };
}

// deno-lint-ignore no-control-regex
const PIECES = /\x1b\[[0-9;]*m|[^]/gu;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function pieceWidth(piece: string): number {
  if (piece.length > 2 || /\p{M}/u.test(piece)) return 0; // a colour, or an accent on what stands before it
  return WIDE.test(piece) ? 2 : 1;
}

/**
 * Counts the columns that a line takes: none for colours, two for Chinese characters.
 *
 * @param line A line without control characters but colours.
 * @returns Its width in columns.
 */
export function displayWidth(line: string): number {
  return (line.match(PIECES) ?? []).reduce((sum, piece) => sum + pieceWidth(piece), 0);
}

/**
 * Cuts a line off at a width, keeping the colour codes beyond it so that none stays switched on.
 *
 * @param line A line without control characters but colours.
 * @param columns The most columns it may take.
 * @returns The line's beginning.
 */
export function clip(line: string, columns: number): string {
  let left = columns;
  return (line.match(PIECES) ?? []).filter((piece) => {
    const width = pieceWidth(piece);
    if (width > 0) left -= width;
    return width === 0 ? left >= 0 || piece.startsWith("\x1b") : left >= 0;
  }).join("");
}

/** Lays a block out for a window's size. */
export type Layout = (size: WindowSize) => string[];

/** A live block and status line on a terminal; elsewhere only what is printed for good is written. */
export class Screen {
  readonly terminal: Terminal;
  #layout: Layout = () => [];
  #status = "";
  #drawn: number[] = []; // widths of the lines that stand on the terminal, the cursor at the end of the last
  #columns = 0;

  /**
   * @param terminal What to write to, by default the standard output.
   */
  constructor(terminal: Terminal = standardOutput()) {
    this.terminal = terminal;
  }

  /** Shows a block of lines, laid out again whenever the window's size changes. */
  showBlock(layout: Layout): void {
    this.#layout = layout;
    this.#draw();
  }

  /** Shows one line beneath the block. */
  showStatus(line: string): void {
    this.#status = line;
    const { columns } = this.terminal.size();
    if (columns !== this.#columns || this.#drawn.length === 0) return this.#draw();
    const text = clip(line, columns - 1);
    this.#drawn[this.#drawn.length - 1] = displayWidth(text);
    this.#write(`\r${text}\x1b[K`);
  }

  /** Writes a line for good, above what is live. */
  print(line: string): void {
    this.terminal.write(this.#home() + (this.#drawn.length > 0 ? "\x1b[J" : "") + `${line}\n`);
    const wasLive = this.#drawn.length > 0;
    this.#drawn = [];
    if (wasLive) this.#draw();
  }

  /** Leaves the block where it stands, clears the status line, and starts anew beneath. */
  end(): void {
    if (this.#drawn.length > 0) this.showStatus("");
    this.#layout = () => [];
    this.#drawn = [];
  }

  /** Ends the screen, for `using`. */
  [Symbol.dispose](): void {
    this.end();
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

  #draw(): void {
    if (!this.terminal.isTerminal) return;
    const size = this.terminal.size();
    const lines = [...this.#layout(size), this.#status].slice(-size.rows)
      .map((line) => clip(line, size.columns - 1)); // a full last column would wrap
    this.#write(`${this.#home()}${lines.join("\x1b[K\n")}\x1b[J`);
    this.#drawn = lines.map(displayWidth);
    this.#columns = size.columns;
  }
}
