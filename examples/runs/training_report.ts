/**
 * The report of a training run: how far an epoch is, a line an epoch, the run's files, and its metrics.
 *
 * @module
 */
import type { Device } from "../../mod.ts";
import { Stopped } from "../terminal/stop_request.ts";
import { Progress } from "../terminal/progress.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";
import { removeReport, stopped } from "./anomaly_report.ts";
import type { KeepOptions } from "./keep_options.ts";
import { rateOf } from "./run_control.ts";
import { classesOf, layersOf } from "./layer_table.ts";
import { describe, type Metrics } from "./metrics.ts";
import { feed, type ProgressEvent, type RunEnd, type Training } from "./run_feed.ts";
import { RunFiles } from "./run_files.ts";

/** Options of a training run: where its metrics and checkpoints go. */
export interface TrainOptions extends KeepOptions {
  /** Folder for `metrics.jsonl`, `curves.svg` and `curves.png`, and for checkpoints. */
  out?: string;
  /** Replaces an earlier run in the folder, which is kept aside otherwise. */
  overwrite?: boolean;
  /** The title above the curves. */
  title?: string;
  /** Trains on where a loss is not finite; otherwise training ends with a report of where that came from. */
  keepGoing?: boolean;
  /** Writes an epoch's line; unless given, there are lines only where there is no terminal to draw the curves in. */
  epochLine?: (metrics: Metrics) => string;
  /** Called after each epoch, when its files are written. */
  onEpoch?: (metrics: Metrics) => void | Promise<void>;
  /** Called with the epochs that were finished before, where a run is gone on with. */
  onResume?: (history: readonly Metrics[]) => void | Promise<void>;
}

/** A training run that is to be reported. */
export interface ReportedRun extends TrainOptions {
  /** How many epochs it takes. */
  epochs: number;
  /** How many images an epoch takes. */
  images: number;
  /** Whether its metrics and curves are written into its folder, true unless given. */
  hasFiles?: boolean;
  /** The device it runs on. While the run is reported, the progress line says when kernels are compiled. */
  device: Device;
}

/** What is trained, and by what. */
export interface ReportedTraining extends Training {
  readonly optimizer: object;
}

/** How far an epoch is, as its loop measured it. */
export type Measured = Pick<ProgressEvent, "step" | "steps" | "done" | "trainLoss" | "trainAcc">;

/** Reports a training run, epoch by epoch: on the screen, to its files, and to those who watch. */
export class TrainingReport {
  /** The metrics of the epochs that have ended. */
  readonly history: Metrics[] = [];
  /** How far the epoch is. */
  progress: Progress;
  #training: ReportedTraining | null = null;
  #isEnded = false;
  readonly #run: ReportedRun;
  readonly #files: RunFiles | null;
  readonly #onCompile: Device["onCompile"];

  private constructor(run: ReportedRun, files: RunFiles | null) {
    this.#run = run;
    this.#files = files;
    this.progress = this.#progressOf(1);
    this.#onCompile = run.device.onCompile;
    this.progress.message(say("compiling kernels…")); // and that of the first step begins before it says so
    run.device.onCompile = (_kernel, seconds) =>
      seconds > 0.5 && this.progress.message(say("compiling kernels…"));
  }

  /**
   * Begins to report a run.
   *
   * @param run The run.
   * @returns The report. Rejects with an `Error` when the run's folder cannot be used.
   */
  static async open(run: ReportedRun): Promise<TrainingReport> {
    const { out, title = "network", overwrite, resume, hasFiles = true } = run;
    const files = out === undefined || !hasFiles
      ? null
      : await RunFiles.open(out, title, { overwrite, resume });
    return new TrainingReport(run, files);
  }

  /** Tells those who watch that the training begins. */
  begin(training: ReportedTraining): void {
    const { title = "network", epochs, images, device, out = null } = this.#run, { net, test } = training;
    this.#training = { classes: classesOf(test), ...training };
    if (!feed.isWatched) return;
    const { classes = [] } = this.#training, lr = rateOf(training.optimizer), layers = layersOf(net, test);
    feed.tell({
      kind: "begin",
      title,
      epochs,
      images,
      device: device.name,
      lr,
      classes,
      layers,
      folder: out,
    });
  }

  /** Whether it is time to measure how far an epoch is, once about `done` examples were asked of the GPU. */
  isDue(done: number): boolean {
    return this.progress.isDue(done, feed.isWatched);
  }

  /** Shows how far the epoch is, and lets those who watch look into the training. */
  async update(measured: Measured): Promise<void> {
    const { step, steps, done } = measured, { epochs, images } = this.#run, training = this.#training;
    this.progress.update(done);
    if (!feed.isWatched || training === null) return;
    const { rate } = this.progress,
      epoch = this.history.length + 1,
      left = (epochs - epoch + 1) * images - done;
    feed.tell({
      kind: "progress",
      epoch,
      ...measured,
      total: images,
      examplesPerSec: rate ?? null,
      secondsLeft: rate ? left / rate : null,
      lr: rateOf(training.optimizer),
    });
    if (step < steps) await feed.pause(training, { epoch, isEnd: false });
  }

  /** Begins with the epochs of a run that is gone on with; they are written and counted, and not printed again. */
  async restore(history: readonly Metrics[]): Promise<void> {
    if (!this.#run.resume) return;
    this.history.push(...history);
    await this.#files?.restore(history);
    await this.#run.onResume?.(history);
    feed.tell({ kind: "resume", history });
    this.progress = this.#progressOf(history.length + 1);
  }

  /** Ends an epoch: writes its files, calls `onEpoch`, prints its line, and begins the next epoch's progress. */
  async endEpoch(metrics: Metrics): Promise<void> {
    const { epochs, epochLine, onEpoch } = this.#run, { epoch } = metrics;
    this.progress.clear();
    if (!Number.isFinite(metrics.trainLoss) && this.history.every((m) => Number.isFinite(m.trainLoss))) {
      const told = this.#files
        ? say("from epoch {n} on the loss is no number, and null in metrics.jsonl", { n: epoch })
        : say("from epoch {n} on the loss is no number", { n: epoch });
      feed.note(told, { isWarning: true });
    }
    this.history.push(metrics);
    await this.#files?.addEpoch(metrics);
    if (Number.isFinite(metrics.trainLoss)) await removeReport(this.#run.out);
    await onEpoch?.(metrics);
    if (epochLine) screen.print(epochLine(metrics));
    else if (!screen.terminal.isTerminal) {
      screen.print(say("epoch {n}/{epochs}: {what}", { n: epoch, epochs, what: describe(metrics) }));
    }
    this.progress = this.#progressOf(epoch + 1);
    feed.tell({ kind: "epoch", metrics });
    if (this.#training) await feed.pause(this.#training, { epoch, isEnd: true });
  }

  /** What a script ends with when training did not: the error, or where something was not finite a refusal, once that is told. */
  async stopped(error: unknown): Promise<unknown> {
    const told = await stopped(error, this.#run.out);
    this.#end(
      error instanceof Stopped ? "stopped" : "failed",
      told instanceof Error ? told.message : `${told}`,
    );
    return told;
  }

  /** Tells how the run ended, gives the device its own `onCompile` back, and the folder up. */
  [Symbol.dispose](): void {
    this.#end(this.history.length >= this.#run.epochs ? "finished" : "failed");
    this.#files?.[Symbol.dispose]();
    this.#run.device.onCompile = this.#onCompile;
  }

  #end(how: RunEnd, text = ""): void {
    if (this.#training && !this.#isEnded) feed.tell({ kind: "end", how, text });
    this.#isEnded = true;
  }

  #progressOf(epoch: number): Progress {
    const { epochs, images } = this.#run;
    return new Progress(screen, { label: say("epoch {n}/{epochs}", { n: epoch, epochs }), total: images });
  }
}
