/**
 * What the scripts show in a Jupyter notebook, which is no terminal: pictures stand in the cell, and can change.
 *
 * @module
 */
import type { Terminal } from "./terminal.ts";

/** A value's looks by media type. */
export type Bundle = Record<string, string>;

/** The method by which a value shows itself in a cell. */
export const DISPLAY = Symbol.for("Jupyter.display");

/** A value that shows itself in a cell when it is the last one there, or is displayed. */
export interface Displayable {
  [DISPLAY](): Bundle | Promise<Bundle>;
}

/** What of Deno's offer to a notebook's cells is used. */
export interface NotebookKernel {
  /** Shows a value, or shows it again in the place of one that had the same name. */
  display(value: unknown, options?: { display_id?: string; update?: boolean; raw?: boolean }): Promise<void>;
}

/**
 * Finds the notebook's kernel.
 *
 * @returns What Deno offers in a kernel, or null where the process is none.
 */
export function notebookKernel(): NotebookKernel | null {
  try {
    return (Deno as { jupyter?: NotebookKernel }).jupyter ?? null; // no type of Deno's stable ones
  } catch {
    return null;
  }
}

/**
 * Makes a cell's output look like a file that is written to: what is written to the standard output itself gets lost.
 *
 * @returns What a screen can print to.
 */
export function cellOutput(): Terminal {
  return {
    isTerminal: false,
    colors: false,
    unicode: true,
    size: () => ({ columns: 100, rows: 24 }),
    write: (text) => console.log(text.replace(/\n$/, "")), // which ends the line
  };
}

/**
 * Makes a picture show itself in a cell.
 *
 * @param svg The picture.
 * @param text What stands there where no pictures are shown.
 * @returns The picture as a value.
 */
export function picture(svg: string, text = "picture"): Displayable {
  return { [DISPLAY]: () => ({ "image/svg+xml": svg, "text/plain": text }) };
}

/** A place in a cell where a value shows itself again and again. */
export class LivePlace {
  readonly #id = crypto.randomUUID();
  #shown = false;

  /** Shows a value: the first time beneath what the cell has shown, then in place of what stands there. */
  async show(value: Displayable): Promise<void> {
    await notebookKernel()?.display(value, { display_id: this.#id, update: this.#shown });
    this.#shown = true;
  }
}
