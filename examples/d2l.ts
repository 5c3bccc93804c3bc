/**
 * The helpers of *Dive into Deep Learning* under their own names, so that someone with the book open finds every line
 * again. What is general stands in the library; this file is thin over it. It is an entry of its own, `…/d2l`, for
 * scripts and notebooks.
 *
 * @example As in the book
 * ```ts
 * import { Timer, tryGpu } from "@plunge/plunge/d2l";
 * import { assert } from "@std/assert";
 *
 * const timer = new Timer(), device = await tryGpu();
 * assert(device.name !== "" && timer.stop() > 0);
 * ```
 *
 * @module
 */
export { Accumulator } from "../mod.ts";
export { Animator, type AnimatorOptions, lossAnimator } from "./d2l/animator.ts";
export { corr2d } from "./d2l/corr2d.ts";
export { tryAllGpus, tryGpu } from "./d2l/devices.ts";
export { loadDataFashionMnist, loadDataMnist, type LoadDataOptions, loadSplit } from "./d2l/load_data.ts";
export { predictCh3 } from "./d2l/predict_ch3.ts";
export { showImages, type ShowImagesOptions, ShownImages } from "./d2l/show_images.ts";
export { Timer } from "./d2l/timer.ts";
export {
  accuracy,
  checkEpochs,
  checkImages,
  evaluateAccuracyGpu,
  initWeights,
  trainCh6,
} from "./d2l/train_ch6.ts";
export type { Chart, Series } from "./pictures/chart.ts";
export type { KeepOptions } from "./runs/keep_options.ts";
export { describe, type Metrics } from "./runs/metrics.ts";
export type { TrainOptions } from "./runs/training_report.ts";
export type { Bundle } from "./terminal/notebook.ts";
