/**
 * Making buffers, and knowing at once whether one was made.
 *
 * WebGPU tells of a buffer that found no memory some time later, when the work that used it is already refused. But
 * Deno's buffers know at once: `unmap()` of one that was never mapped does nothing, and says of one that failed that it is
 * invalid. Where a runtime does not say so, the failure arrives later, as WebGPU has it.
 *
 * @module
 */

/** Makes a buffer, or null where it failed; a failure that is found out later goes to `fail`. */
export function makeBuffer(
  device: GPUDevice,
  descriptor: GPUBufferDescriptor,
  fail: (error: Error) => void,
): GPUBuffer | null {
  device.pushErrorScope("out-of-memory");
  const buffer = device.createBuffer(descriptor);
  const isMade = isValid(buffer);
  device.popErrorScope().then((error) => {
    if (error && isMade) fail(outOfMemory(error.message));
  }, () => {}); // a lost device rejects; the device reports its loss
  return isMade ? buffer : null;
}

/** Whether the device of a valid buffer was lost: WebGPU says so at the end of the turn only, Deno's buffers at once. */
export function isOfLostDevice(buffer: GPUBuffer): boolean {
  return /lost/.test(messageOf(buffer));
}

/** The error of work for which there was no memory, found out when it was done already. */
export function outOfMemory(message: string): Error {
  return new RangeError(
    `Cannot run GPU work as there must be memory for it: ${message}; what was computed since the last ` +
      "\`await device.sync()\` may be wrong",
  );
}

function isValid(buffer: GPUBuffer): boolean {
  return !/invalid/.test(messageOf(buffer));
}

/** What `unmap()` says of a buffer: that it is not mapped where all is well, or nothing. */
function messageOf(buffer: GPUBuffer): string {
  try {
    buffer.unmap();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
