/**
 * The error of a lost device.
 *
 * @module
 */

/**
 * What all throws that uses a device which was lost. What lay on it is gone: a program opens another device and begins
 * again from what it saved. It is told by its name.
 *
 * @example Usage
 * ```ts
 * import { ones, openDevice } from "@plunge/plunge";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const device = await openDevice(), x = ones([3]);
 * device.gpu.destroy(); // as a driver does
 * const error = await assertRejects(() => x.data(), Error, "its device was lost");
 * assertEquals([error.name, device.lost], ["DeviceLostError", true]);
 * ```
 */
export class DeviceLostError extends Error {
  /** Tells it from other errors. */
  override readonly name = "DeviceLostError";
}
