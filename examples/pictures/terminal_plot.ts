/**
 * A chart on the screen that grows.
 *
 * @module
 */
import type { Screen } from "../terminal/screen.ts";
import type { Chart } from "./chart.ts";
import { plotLines } from "./plot_lines.ts";

/** A chart that is drawn over its former self, with the window's size at every draw. */
export class TerminalPlot {
  readonly #screen: Screen;

  /** @param screen Where to draw it. */
  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Draws the chart as it is now. Throws a `RangeError` when two series share a name. */
  draw(chart: Chart): void {
    this.#screen.showBlock((size) => plotLines(chart, size, this.#screen.terminal));
  }
}
