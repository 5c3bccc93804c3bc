/**
 * What is done to batches of images on the GPU before a network sees them: torchvision's transforms, one export line
 * each.
 *
 * @module
 */
export { compose } from "./compose.ts";
export { normalize, type NormalizeOptions } from "./normalize.ts";
export { randomCrop, type RandomCropOptions } from "./random_crop.ts";
export { randomHorizontalFlip, type RandomHorizontalFlipOptions } from "./random_horizontal_flip.ts";
export { resize, type ResizeOptions } from "./resize.ts";
export { toTensor } from "./to_tensor.ts";
export type { Transform } from "./transform.ts";
