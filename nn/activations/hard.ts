/**
 * Layers of straight pieces.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module } from "../module.ts";
import { float } from "../repr.ts";
import { hardsigmoid, hardswish, hardtanh, type HardtanhOptions, relu6 } from "../../ops/activation/hard.ts";
import { threshold } from "../../ops/activation/threshold.ts";
import { NUMBER } from "../../ops/core/kinds.ts";

/**
 * Weights every element with its hard sigmoid: `y = x min(max(x + 3, 0), 6) / 6`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.Hardswish().forward(tensor([3])).item(), 3);
 * ```
 */
export class Hardswish extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return hardswish(x);
  }
}

/**
 * Rises from 0 at -3 to 1 at 3: `y = min(max(x + 3, 0), 6) / 6`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.Hardsigmoid().forward(tensor([0])).item(), 0.5);
 * ```
 */
export class Hardsigmoid extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return hardsigmoid(x);
  }
}

const takesHardtanh = signature<HardtanhOptions>("make Hardtanh", {}, { minVal: NUMBER, maxVal: NUMBER });

/**
 * Cuts every element off at two bounds.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.Hardtanh().forward(tensor([3])).item(), 1);
 * ```
 */
export class Hardtanh extends Module {
  /** The least value. */
  readonly minVal: number;
  /** The greatest value. */
  readonly maxVal: number;

  /**
   * Makes a layer.
   *
   * @param options The bounds, -1 and 1 unless given.
   */
  constructor(options: HardtanhOptions = {}) {
    super();
    takesHardtanh(arguments);
    this.minVal = options.minVal ?? -1;
    this.maxVal = options.maxVal ?? 1;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return hardtanh(x, { minVal: this.minVal, maxVal: this.maxVal });
  }

  /** `min_val=…, max_val=…`, as PyTorch prints them. */
  override extraRepr(): string {
    return `min_val=${float(this.minVal)}, max_val=${float(this.maxVal)}`;
  }
}

/**
 * Sets every negative element to 0, and what is above 6 to 6.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.ReLU6().forward(tensor([8])).item(), 6);
 * ```
 */
export class ReLU6 extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return relu6(x);
  }
}

const takesThreshold = signature("make Threshold", { threshold: NUMBER, value: NUMBER });

/**
 * Keeps every element that exceeds a threshold, and puts a value in the place of the others.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.Threshold(0.1, 20).forward(tensor([0])).item(), 20);
 * ```
 */
export class Threshold extends Module {
  /** What an element must exceed to stay. */
  readonly threshold: number;
  /** What others become. */
  readonly value: number;

  /**
   * Makes a layer.
   *
   * @param threshold What an element must exceed to stay.
   * @param value What others become.
   */
  constructor(threshold: number, value: number) {
    super();
    takesThreshold(arguments);
    this.threshold = threshold;
    this.value = value;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return threshold(x, { threshold: this.threshold, value: this.value });
  }

  /** `threshold=…, value=…`, as PyTorch prints them. */
  override extraRepr(): string {
    return `threshold=${this.threshold}, value=${this.value}`;
  }
}
