/**
 * The error of a lost device.
 *
 * @module
 */

/**
 * What all throws that uses a device which was lost. What lay on it is gone: a program opens another device and begins
 * again from what it saved.
 *
 * @example Usage
 * ```ts
 * import { DeviceLostError, ones, openDevice } from "@plunge/plunge";
 * import { assertRejects } from "@std/assert";
 *
 * const device = await openDevice(), x = ones([3]);
 * device.gpu.destroy(); // as a driver does
 * await assertRejects(() => x.data(), DeviceLostError, "its device was lost");
 * ```
 */
export class DeviceLostError extends Error {
  /** Tells it from other errors where the class is not at hand. */
  override readonly name = "DeviceLostError";
}
