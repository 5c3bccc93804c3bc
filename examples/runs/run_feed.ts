/**
 * What happens in training runs, told as plain events to whoever watches: a page, a dashboard, a test. The training tells
 * it and knows no watcher; a watcher knows no training.
 *
 * @module
 */
import type { FitBatches, nn } from "../../mod.ts";
import { screen } from "../terminal/screen.ts";
import type { Metrics } from "./metrics.ts";

/** One layer of a network's table. */
export interface LayerRow {
  /** Path from the network, such as `stage1.0.conv1`; empty for the network itself. */
  path: string;
  /** The class of the layer. */
  type: string;
  /** How many modules it lies in. */
  depth: number;
  /** The shape of its output for one example; null where it has none. */
  shape: readonly number[] | null;
  /** Elements of its own parameters. */
  parameters: number;
}

/** A run begins: what it is, and how long it is to be. */
export interface BeginEvent {
  kind: "begin";
  /** The network's name. */
  title: string;
  epochs: number;
  /** Training images of an epoch. */
  images: number;
  /** The device's name. */
  device: string;
  /** The learning rate of the first group. */
  lr: number;
  /** Names of the classes, empty where they are not known. */
  classes: readonly string[];
  /** The network's layers, the network itself first. */
  layers: readonly LayerRow[];
  /** The run's folder; null where nothing is kept. */
  folder: string | null;
}

/** How far an epoch is. */
export interface ProgressEvent {
  kind: "progress";
  /** The epoch, from 1. */
  epoch: number;
  /** Steps of the epoch that are done, and that it has. */
  step: number;
  steps: number;
  /** Images of the epoch that are done, and that it has. */
  done: number;
  total: number;
  /** Images a second in this epoch; null before there is a measure of it. */
  examplesPerSec: number | null;
  /** Seconds to the end of the last epoch, without tests; null before there is a measure of it. */
  secondsLeft: number | null;
  /** Mean loss and share of right answers of the epoch so far; not finite numbers become null in JSON. */
  trainLoss: number;
  trainAcc: number;
  /** The learning rate of the first group. */
  lr: number;
}

/** A change of the learning rate by hand. */
export interface RateChange {
  /** The learning rate of the first group before, and after. */
  from: number;
  lr: number;
  /** The epoch in which it was made, from 1, and how many of its steps were done. */
  epoch: number;
  step: number;
}

/** How a run ended. */
export type RunEnd = "finished" | "stopped" | "failed";

/** What happens in a run. All of it can be written as JSON. */
export type RunEvent =
  | BeginEvent
  /** It goes on from a checkpoint: the epochs that were finished, and the steps of the next that were done. */
  | { kind: "resume"; history: readonly Metrics[] }
  | ProgressEvent
  | { kind: "epoch"; metrics: Metrics }
  /** A checkpoint is on the disk. */
  | { kind: "saved"; file: string }
  | { kind: "lr" } & RateChange
  | { kind: "note"; text: string; isWarning: boolean }
  | { kind: "end"; how: RunEnd; text: string };

/** A network in training, for watchers that look into it between two steps. */
export interface Training {
  readonly net: nn.Module;
  /** What it is tested with. */
  readonly test?: FitBatches | undefined;
  /** Names of the classes, where they are known. */
  readonly classes?: readonly string[] | undefined;
}

/** Where a training is while it may be looked into. */
export interface Pause {
  /** The epoch, from 1. */
  readonly epoch: number;
  /** Whether it has just ended. */
  readonly isEnd: boolean;
}

/** Somebody who watches. What it throws ends its watch, and no training. */
export interface RunWatcher {
  /** Is told what happens. */
  event(event: RunEvent): void;
  /** May look into the training between two steps. It must leave everything as it was, and is to be quick. */
  look?(training: Training, pause: Pause): Promise<void>;
}

/** Tells watchers what happens in the runs of a process, one run after the other. */
export class RunFeed {
  readonly #watchers = new Set<RunWatcher>();

  /** Whether anybody watches. */
  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** Begins to tell a watcher, until what is returned is disposed. */
  watch(watcher: RunWatcher): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** Tells what happened. */
  tell(event: RunEvent): void {
    for (const watcher of this.#watchers) this.#guard(watcher, () => watcher.event(event));
  }

  /** Prints a text, and tells it. */
  note(text: string, { isWarning = false }: { isWarning?: boolean } = {}): void {
    if (isWarning) screen.warn(text);
    else screen.print(text);
    this.tell({ kind: "note", text, isWarning });
  }

  /** Lets the watchers look into a training. */
  async pause(training: Training, pause: Pause): Promise<void> {
    for (const watcher of this.#watchers) {
      try {
        await watcher.look?.(training, pause);
      } catch (error) {
        this.#drop(watcher, error);
      }
    }
  }

  #guard(watcher: RunWatcher, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#drop(watcher, error);
    }
  }

  /** A lost device is the training's matter, and not the watcher's fault. */
  #drop(watcher: RunWatcher, error: unknown): void {
    if (error instanceof Error && error.name === "DeviceLostError") throw error;
    this.#watchers.delete(watcher);
    screen.warn(
      `training goes on unwatched: ${error instanceof Error ? error.stack ?? error.message : error}`,
    );
  }
}

/** The feed of this process's runs. */
export const feed: RunFeed = new RunFeed();
