/**
 * The live page for a training of one's own: what `fit` calls, and what it is asked.
 *
 * @module
 */
import type { FitBatches, FitEpoch, FitOptions, FitProgress, nn } from "../../mod.ts";
import { classesOf, layersOf } from "../runs/layer_table.ts";
import { control, rateOf } from "../runs/run_control.ts";
import { feed } from "../runs/run_feed.ts";
import { StopRequest } from "../terminal/stop_request.ts";
import { type LivePageOptions, openPage } from "./live_page.ts";

/** What is trained, and where its page is. */
export interface ServeFitOptions extends LivePageOptions {
  /** The name above the curves, `"network"` unless given. */
  title?: string;
  /** How often the batches are gone through, as `fit` is told. */
  epochs: number;
  /** What updates the parameters; its learning rate can be changed on the page. */
  optimizer: FitOptions["optimizer"];
  /** The schedules of the learning rate, which go the same way from another one. */
  schedulers?: readonly object[];
  /** What the network is tested with. Without it there are no activations, confusion matrix and mistakes. */
  test?: FitBatches;
  /** Names of the classes; those of the data set, unless given. */
  classes?: readonly string[];
  /** Training examples of an epoch, for the time that is left. */
  examples?: number;
  /** The device's name. */
  device?: string;
  /** The folder of the checkpoints, if the training is to be kept, and gone on with. */
  folder?: string;
}

/** A page of a training. */
export interface ServedFit extends AsyncDisposable {
  /** What to open in a browser. */
  readonly url: string;
  /** What `fit` is given: it tells the page how far it is, and saves or ends where the page asks for it. */
  readonly hooks: Pick<FitOptions, "onProgress" | "onEpoch" | "signal" | "checkpoint">;
}

/**
 * Serves a live page of a training by `fit`. Closing it, as `await using` does, ends it for its tabs.
 *
 * @param net The network.
 * @param options What it is trained by, and where the page is.
 * @returns The page, and what `fit` is to be given. Rejects with an `Error` where the place is taken, or not allowed.
 *
 * @example Usage
 * ```ts ignore
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 }), epochs = 10;
 * await using page = await serveFit(net, { title: "my network", optimizer, epochs, test, examples: train.length });
 * console.log(page.url);
 * await fit(net, loader, { optimizer, loss: new nn.CrossEntropyLoss(), epochs, test, ...page.hooks });
 * ```
 */
export async function serveFit(net: nn.Module, options: ServeFitOptions): Promise<ServedFit> {
  const { title = "network", epochs, optimizer, test, examples = 0, device = "", folder = null } = options;
  const page = await openPage(options), stop = new StopRequest("finishing the step");
  const attached = control.attach({ stop, canSave: folder !== null });
  const training = { net, test, classes: options.classes ?? classesOf(test) }, { classes } = training;
  const layers = layersOf(net, test), lr = rateOf(optimizer);
  feed.tell({ kind: "begin", title, epochs, images: examples, device, lr, classes, layers, folder });
  const clock = new Clock(epochs, examples);
  let done = 0;
  async function onProgress(progress: FitProgress): Promise<void> {
    const { epoch, step, steps, trainLoss, trainAcc = NaN } = progress, means = { trainLoss, trainAcc };
    const place = step < steps ? { epoch, step } : { epoch: epoch + 1, step: 0 };
    control.takeRates({ optimizer, schedules: options.schedulers }, place);
    feed.tell({
      kind: "progress",
      epoch,
      step,
      steps,
      ...means,
      ...clock.at(progress),
      lr: rateOf(optimizer),
    });
    if (step < steps) await feed.pause(training, { epoch, isEnd: false });
  }
  async function onEpoch(metrics: FitEpoch): Promise<void> {
    done = metrics.epoch;
    feed.tell({ kind: "epoch", metrics: { trainAcc: NaN, testAcc: NaN, ...metrics } });
    await feed.pause(training, { epoch: metrics.epoch, isEnd: true });
  }
  async function close(): Promise<void> {
    attached[Symbol.dispose]();
    const how = done >= epochs ? "finished" : stop.signal.aborted ? "stopped" : "failed";
    feed.tell({ kind: "end", how, text: "" });
    await page.close();
  }
  const onSave = (file: string) => feed.tell({ kind: "saved", file });
  const checkpoint = folder === null ? undefined : { folder, isDue: () => control.takeSave(), onSave };
  const hooks = { onProgress, onEpoch, signal: stop.signal, ...checkpoint && { checkpoint } };
  return { url: page.url, hooks, [Symbol.asyncDispose]: close };
}

/** Measures how fast examples go by. */
class Clock {
  readonly #epochs: number;
  readonly #examples: number;
  #start: { epoch: number; done: number; time: number } | null = null;

  constructor(epochs: number, examples: number) {
    this.#epochs = epochs;
    this.#examples = examples;
  }

  /** Where an epoch is, how fast, and how long it will take to the end. */
  at({ epoch, examples: done }: FitProgress) {
    const time = performance.now(), total = this.#examples || done;
    if (this.#start?.epoch !== epoch) this.#start = { epoch, done, time }; // compiling, and tests, do not count
    const seconds = (time - this.#start.time) / 1000;
    const rate = seconds > 0 ? (done - this.#start.done) / seconds : null;
    const left = (this.#epochs - epoch + 1) * total - done;
    return { done, total, examplesPerSec: rate, secondsLeft: rate && this.#examples ? left / rate : null };
  }
}
