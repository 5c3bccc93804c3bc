/**
 * Networks that a script trains one after the other, to be compared.
 *
 * @module
 */
import { basename, join } from "node:path";
import { type Device, type nn, summary } from "../../mod.ts";
import { forPictures } from "../pictures/fonts.ts";
import { drawIfPossible } from "../pictures/packages.ts";
import { rasterize, renderSvg } from "../pictures/render.ts";
import { TerminalPlot } from "../pictures/terminal_plot.ts";
import { layerRows } from "../runs/layer_table.ts";
import { saveFile } from "../runs/run_files.ts";
import type { Metrics } from "../runs/metrics.ts";
import { claimFolder, type ClaimOptions } from "../runs/run_folder.ts";
import { hasRunInfo, type Run, type RunInfo, runsChart, runsTable, writeRunInfo } from "../runs/runs.ts";
import type { TrainOptions } from "../runs/training_report.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";
import { keeping, type KeepingArgs, lastingSettings } from "./keeping.ts";

/** The files of a comparison. */
export const COMPARISON_FILES = /^comparison\.(svg|png)$/;

/**
 * Writes a chart of runs as `comparison.svg` and `comparison.png`.
 *
 * @param folder Where they go.
 * @param runs The runs.
 * @param title The title above both charts.
 * @returns Whether they could be drawn.
 */
export async function writeComparison(folder: string, runs: readonly Run[], title: string): Promise<boolean> {
  const isDrawn = await drawIfPossible(async () => {
    const chart = await forPictures(() => runsChart(runs, title));
    const svg = await renderSvg(chart, { width: 460 }), png = await rasterize(svg);
    await saveFile(folder, "comparison.svg", svg);
    await saveFile(folder, "comparison.png", png);
    return true;
  });
  return isDrawn ?? false;
}

/**
 * Notes what a network costs and how it is trained, as `run.json` where there is a folder, which the run takes for its own.
 *
 * @param folder The run's folder, if it has one.
 * @param network The network's name.
 * @param net The network.
 * @param device The device it is trained on.
 * @param settings Seed, learning rate and the like.
 * @param options What becomes of an earlier run in the folder.
 * @returns The noted costs and settings.
 */
export async function noteRun(
  folder: string | undefined,
  network: string,
  net: nn.Module,
  device: Device,
  settings: RunInfo["settings"],
  options: ClaimOptions = {},
): Promise<RunInfo> {
  const { serve: _, host: __, ...told } = settings; // how it is shown is no part of it
  const table = summary(net, [1, 1, 28, 28]), { parameters, multiplyAdds } = table.totals;
  const costs = { network, parameters, multiplyAdds, device: device.name, command: commandLine() };
  const info = { ...costs, settings: told, layers: layerRows(table) };
  if (!folder) return info;
  await claimFolder(folder, options);
  if (!options.resume || !await hasRunInfo(folder)) await writeRunInfo(folder, info);
  return info;
}

/** The script that runs, and its options. */
export function commandLine(): string {
  return [basename(Deno.mainModule), ...Deno.args].join(" ");
}

/**
 * Shows runs: their test accuracies as a plot where there is a terminal, and their table.
 *
 * @param runs The runs.
 * @param title The title above the plot.
 */
export function showRuns(runs: readonly Run[], title: string): void {
  new TerminalPlot(screen).draw(runsChart(runs, title).charts[1]);
  screen.end();
  const ellipsis = screen.terminal.unicode ? "…" : "...";
  for (const line of runsTable(runs, screen.columns, ellipsis)) screen.print(line);
}

/** Gathers the runs of networks as they are trained, and keeps the folder of their files up to date. */
export class Comparison {
  /** The runs so far. */
  readonly runs: Run[] = [];
  readonly #title: string;
  readonly #out?: string;
  readonly #overwrite: boolean;
  readonly #keep: ReturnType<typeof keeping>;
  readonly #keepGoing: boolean;
  #isDrawn = false;

  /**
   * @param title The title above the chart.
   * @param args Folder for the files, if there are to be any; whether earlier runs in it are replaced or gone on with, and
   * how often they are saved; and whether training goes on where a loss is not finite.
   */
  constructor(title: string, args: KeepingArgs & { "keep-going"?: boolean } = {}) {
    const { out, overwrite = false, "keep-going": keepGoing = false } = args;
    this.#keep = keeping(args);
    this.#keepGoing = keepGoing;
    this.#title = title;
    this.#out = out;
    this.#overwrite = overwrite;
  }

  /**
   * Begins the run of another network: notes what it costs and how it is trained.
   *
   * @param network The network's name; its folder is named after it.
   * @param net The network.
   * @param device The device it is trained on.
   * @param settings What else `run.json` is to say.
   * @returns Options for `trainCh6`: its files go to the network's folder, and each epoch is added to the comparison.
   */
  async start(
    network: string,
    net: nn.Module,
    device: Device,
    settings: RunInfo["settings"],
  ): Promise<TrainOptions> {
    const out = this.#out && join(this.#out, network.toLowerCase().replaceAll(/[^\p{L}\d.]+/gu, "-"));
    const claim = { overwrite: this.#overwrite, resume: this.#keep.resume };
    if (this.#out && this.runs.length === 0) {
      await claimFolder(this.#out, { files: COMPARISON_FILES, ...claim });
    }
    const info = await noteRun(out, network, net, device, settings, claim);
    const run: Run = { name: network, metrics: [], info };
    this.runs.push(run);
    const add = async (...metrics: Metrics[]) => {
      run.metrics.push(...metrics);
      if (this.#out) this.#isDrawn = await writeComparison(this.#out, this.runs, this.#title);
    };
    return {
      ...this.#keep,
      settings: lastingSettings({ network, ...settings }),
      out,
      title: network,
      keepGoing: this.#keepGoing,
      onEpoch: (metrics) => add(metrics),
      onResume: (history) => add(...history),
    };
  }

  /** Shows how the runs ended, and says where their files are. */
  end(): void {
    screen.print("");
    showRuns(this.runs, this.#title);
    if (this.#out && this.#isDrawn) {
      screen.print(say("curves of all: {svg}, and .png", { svg: join(this.#out, "comparison.svg") }));
    }
  }
}
