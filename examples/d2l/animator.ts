/**
 * The book's growing curves.
 *
 * @module
 */
import type { Chart } from "../pictures/chart.ts";
import { drawIfPossible } from "../pictures/packages.ts";
import { renderSvg } from "../pictures/render.ts";
import { TerminalPlot } from "../pictures/terminal_plot.ts";
import { type Bundle, DISPLAY, LivePlace } from "../terminal/notebook.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";

/** What an {@linkcode Animator} draws. */
export interface AnimatorOptions {
  /** The quantity along the x axis. */
  xlabel?: string | undefined;
  /** The quantity along the y axis. */
  ylabel?: string | undefined;
  /** First and last x shown, the points' unless given. */
  xlim?: readonly [number, number] | undefined;
  /** Lowest and highest y shown, the points' unless given. */
  ylim?: readonly [number, number] | undefined;
  /** The curves' names; without them there are as many curves as numbers are added at once. */
  legend?: readonly string[] | undefined;
}

/** Draws curves that grow, in the terminal or in a notebook's cell; elsewhere it only keeps their points. */
export class Animator {
  readonly #plot = new TerminalPlot(screen);
  readonly #place = new LivePlace();
  readonly #points: [number, number][][] = [];

  /** Names the axes' quantities and the curves. */
  constructor(readonly options: AnimatorOptions = {}) {}

  /** The curves as they are now. */
  get chart(): Chart {
    const { xlabel = "", ylabel = "", xlim, ylim } = this.options;
    const series = this.#names.map((name, i) => ({ name, points: this.#points[i] ?? [], dashed: i > 0 }));
    return { title: "", xLabel: xlabel, yLabel: ylabel, xLim: xlim, yLim: ylim, series };
  }

  /** The curves' names: those of the legend, else the quantity of a single curve, or numbers. */
  get #names(): readonly string[] {
    const { legend, ylabel = "" } = this.options, count = Math.max(1, this.#points.length);
    return legend ?? (count === 1 ? [ylabel] : Array.from({ length: count }, (_, i) => `${i + 1}`));
  }

  /**
   * Adds a point to each curve and draws.
   *
   * @param x Where the points lie.
   * @param y A number, or one for each curve; null where a curve has none.
   */
  async add(x: number, y: number | readonly (number | null)[]): Promise<void> {
    const { legend } = this.options, values = typeof y === "number" ? [y] : y;
    if (legend && values.length > legend.length) {
      throw new RangeError(
        `Cannot add to an animator as there must be a name for each curve: ${values.length} of ${legend.length}`,
      );
    }
    values.forEach((value, i) => {
      const points = this.#points[i] ??= [];
      if (value !== null) points.push([x, value]);
    });
    this.#plot.draw(this.chart);
    await this.#place.show(this);
  }

  /** Shows itself in a notebook. */
  async [DISPLAY](): Promise<Bundle> {
    const svg = await drawIfPossible(() => renderSvg(this.chart));
    return { ...svg && { "image/svg+xml": svg }, "text/plain": this.#names.join(", ") };
  }
}

/** An {@linkcode Animator} of a run's loss and accuracies. */
export function lossAnimator(epochs: number): Animator {
  const legend = [say("train loss"), say("train acc"), say("test acc")];
  return new Animator({ xlabel: say("epoch"), ylabel: say("loss, accuracy"), xlim: [0, epochs], legend });
}
