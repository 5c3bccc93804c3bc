/**
 * Opening the GPU.
 *
 * @module
 */
import { type Device, type DeviceOptions, openDevice as open } from "../gpu/device.ts";
import { signature } from "./signature.ts";
import { BOOLEAN, having, oneOf } from "./kinds.ts";

const takes = signature<DeviceOptions>("open a device", {}, {
  kernels: oneOf("cpu", "gpu"),
  fusion: BOOLEAN,
  merging: BOOLEAN,
  powerPreference: oneOf("low-power", "high-performance"),
  adapter: having("a GPUAdapter", "adapter", "requestDevice"),
  device: having("a GPUDevice", "gpu", "createBuffer"),
  trackAllocations: BOOLEAN,
});

/**
 * Opens the GPU, or returns it when it is open. It is the device of all that follows. Where the last device was lost, as
 * its driver gave it up, this opens another.
 *
 * @param options Which adapter and which kernels to use: those of the first call are the device's.
 * @returns The device.
 * @throws {TypeError} If both an adapter and a device are given.
 * @throws {Error} If there is no WebGPU, or no adapter, or an open device has other options.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * const device = await openDevice();
 * assertEquals(device, await openDevice());
 * assertEquals(await tensor([1, 2]).add(1).toArray(), [2, 3]);
 * ```
 *
 * @example On a device that a page draws with already
 * ```ts ignore
 * const adapter = await navigator.gpu.requestAdapter();
 * const gpu = await adapter.requestDevice();
 * await openDevice({ device: gpu }); // or { adapter }, for a device of its own
 * ```
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  takes(arguments);
  if (options.adapter && options.device) {
    throw new TypeError("Cannot open a device as adapter or device must be given: found both");
  }
  return await open(options);
}
