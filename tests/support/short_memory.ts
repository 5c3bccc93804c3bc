/**
 * A GPU with little memory: its device makes no buffers beyond so many bytes.
 *
 * @module
 */
import type { Device } from "../../mod.ts";

/**
 * Has a device make no buffers beyond `bytes` more than it has now while `fn` runs. WebGPU fails as it does where memory
 * ends: it gives a buffer that is invalid, and says so in an error some time later.
 */
export async function withShortMemory<T>(
  device: Device,
  bytes: number,
  fn: () => T | Promise<T>,
): Promise<T> {
  const { gpu } = device, create = gpu.createBuffer, made = new Map<GPUBuffer, number>();
  let left = bytes;
  gpu.createBuffer = (descriptor: GPUBufferDescriptor) => {
    if (descriptor.size > left) return invalidBuffer(gpu, create);
    left -= descriptor.size;
    const buffer = create.call(gpu, descriptor), destroy = buffer.destroy;
    made.set(buffer, descriptor.size);
    buffer.destroy = () => {
      left += made.get(buffer) ?? 0;
      made.delete(buffer);
      destroy.call(buffer);
    };
    return buffer;
  };
  try {
    return await fn();
  } finally {
    gpu.createBuffer = create;
  }
}

/** A buffer that was not made: without a usage, which is not valid. */
function invalidBuffer(gpu: GPUDevice, create: GPUDevice["createBuffer"]): GPUBuffer {
  gpu.pushErrorScope("validation");
  const buffer = create.call(gpu, { size: 16, usage: 0 });
  gpu.popErrorScope().catch(() => {});
  return buffer;
}
