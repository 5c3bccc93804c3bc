/**
 * What a page knows of a run: a state, and how each event changes it. The server keeps one for tabs that come later, and the
 * page keeps one by the same text: {@linkcode applyEvent} is written into it, so it uses nothing from outside.
 *
 * @module
 */
import type { Metrics } from "../runs/metrics.ts";
import type { BeginEvent, ProgressEvent, RateChange, RunEnd, RunEvent } from "../runs/run_feed.ts";

/** A picture as the page draws it: a byte a pixel and channel, row by row, in base64. */
export interface LivePicture {
  height: number;
  width: number;
  /** 1 for gray, or values that get colours; 3 for red, green and blue. */
  channels: 1 | 3;
  data: string;
}

/** An image of the test set. */
export interface LiveImage {
  /** Its place there. */
  place: number;
  /** Its class, undefined where labels are no classes. */
  label?: number | undefined;
  picture: LivePicture;
}

/** What layers answer to the chosen images. */
export interface ActivationsEvent {
  kind: "activations";
  epoch: number;
  /** How many images there are to choose from. */
  of: number;
  images: LiveImage[];
  layers: {
    path: string;
    type: string;
    /** Channels of the layer; the maps are of the first ones. */
    channels: number;
    height: number;
    width: number;
    /** A row an image, a picture a channel; the values of a channel have one scale over all images. */
    maps: LivePicture[][];
  }[];
}

/** The filters of the first convolution. */
export interface FiltersEvent {
  kind: "filters";
  epoch: number;
  path: string;
  /** How many there are; the pictures are of the first ones. */
  count: number;
  /** The largest magnitude of a weight, which is black or white in the pictures; 0 is gray. */
  largest: number;
  pictures: LivePicture[];
}

/** How the network did on test images. */
export interface TestsEvent {
  kind: "tests";
  epoch: number;
  /** Images that it was tried on: all that it is tested with. */
  tried: number;
  /** A row a class that an image has, a column a class that the network gave it. */
  matrix: number[][];
  /** The images whose class it found least probable. */
  worst: (LiveImage & { guess: number; probability: number; loss: number })[];
}

/** What a training tells a page. */
export type LiveEvent = RunEvent | ActivationsEvent | FiltersEvent | TestsEvent;

/** A point of the curves within an epoch: the epochs that are done, the loss, the share of right answers. */
export type CurvePoint = [x: number, loss: number | null, acc: number | null];

/** What is known of a run. */
export interface RunView {
  begin: BeginEvent;
  metrics: Metrics[];
  points: CurvePoint[];
  progress: ProgressEvent | null;
  changes: RateChange[];
  /** The last things that were said, the newest last. */
  notes: { text: string; isWarning: boolean }[];
  saved: string | null;
  end: { how: RunEnd; text: string } | null;
  activations: ActivationsEvent | null;
  filters: FiltersEvent | null;
  tests: TestsEvent | null;
}

/**
 * The runs after an event: a new list, with another run or the last one changed.
 *
 * @param runs The runs before.
 * @param event What happened, in the last of them unless it begins one.
 * @param index The run that it happened in, if not the last.
 * @returns The runs; the views in them are changed in place.
 */
export function applyEvent(runs: RunView[], event: LiveEvent, index: number = runs.length - 1): RunView[] {
  if (event.kind === "begin") {
    const view = {
      begin: event,
      metrics: [],
      points: [],
      progress: null,
      changes: [],
      notes: [],
      saved: null,
      end: null,
      activations: null,
      filters: null,
      tests: null,
    };
    const isSame = (run: RunView) => event.folder !== null && run.begin.folder === event.folder;
    return [...runs.filter((run) => !isSame(run)), view]; // a run that is begun anew, or gone on with
  }
  const run = runs[index];
  if (run === undefined) return runs;
  if (event.kind === "resume") {
    run.metrics = [...event.history];
    run.points = event.history.map((m) => [m.epoch, m.trainLoss, m.trainAcc]);
  } else if (event.kind === "progress") {
    run.progress = event;
    const share = event.step / event.steps; // means of the first few steps of an epoch jump about
    if (event.epoch === 1 || share > 0.04) {
      run.points.push([event.epoch - 1 + share, event.trainLoss, event.trainAcc]);
    }
    if (run.points.length > 3000) run.points = run.points.filter((_, k) => k % 2 === 1);
  } else if (event.kind === "epoch") run.metrics = [...run.metrics, event.metrics];
  else if (event.kind === "saved") run.saved = event.file;
  else if (event.kind === "lr") run.changes = [...run.changes, event];
  else if (event.kind === "note") run.notes = [...run.notes.slice(-49), event];
  else if (event.kind === "end") run.end = event;
  else if (event.kind === "activations") run.activations = event;
  else if (event.kind === "filters") run.filters = event;
  else if (event.kind === "tests") run.tests = event;
  return runs;
}
