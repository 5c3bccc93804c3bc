/**
 * Drivers that compile something else than they are given.
 *
 * @module
 */
import { assert } from "@std/assert";
import { openDevice } from "../../../mod.ts";

/** Replaces text in every kernel that is compiled while `action` runs, on a device of its own. */
export async function withBroken<T>(
  right: string | RegExp,
  wrong: string,
  action: () => Promise<T>,
  kernels: "cpu" | "gpu" = "cpu",
): Promise<T> {
  return await withBrokenText(right, wrong, async () => {
    const device = await openDevice({ kernels });
    try {
      return await action();
    } finally {
      device.close();
    }
  });
}

/** Replaces text in every kernel that is compiled while `action` runs. */
export async function withBrokenText<T>(
  right: string | RegExp,
  wrong: string,
  action: () => Promise<T>,
): Promise<T> {
  const make = GPUDevice.prototype.createShaderModule;
  let broken = 0;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const code = descriptor.code.replaceAll(right, wrong);
    if (code !== descriptor.code) broken++;
    return make.call(this, { ...descriptor, code });
  };
  try {
    return await action();
  } finally {
    GPUDevice.prototype.createShaderModule = make;
    assert(broken > 0, "no kernel had the text");
  }
}
