/**
 * Layers that surround sequences and images.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module } from "../module.ts";
import { list } from "../repr.ts";
import { either, listOf, NUMBER, whole, worded } from "../../ops/core/kinds.ts";
import { pad } from "../../ops/shape/pad.ts";

/** What is added on each side of a sequence: a number for both, or left and right. */
export type Sides1d = number | readonly [left: number, right: number];
/** What is added on each side of an image: a number for all, or left, right, top and bottom. */
export type Sides2d = number | readonly [left: number, right: number, top: number, bottom: number];

const sides = (count: number) =>
  worded(`a whole number, or ${count}`, either(whole(), listOf(whole(), "them", count)));
const SIDES_1D = sides(2), SIDES_2D = sides(4);

const takesZeroPad2d = signature("make ZeroPad2d", { padding: SIDES_2D });

/**
 * Surrounds images with zeros.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ZeroPad2d(1).forward(zeros([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 * ```
 */
export class ZeroPad2d extends Module {
  /** How much is added on each side, the last dimension first. */
  readonly padding: readonly number[];

  /**
   * Makes a layer.
   *
   * @param padding How much on each side: a number, or left, right, top, bottom.
   */
  constructor(padding: Sides2d) {
    super();
    takesZeroPad2d(arguments);
    this.padding = typeof padding === "number" ? new Array<number>(4).fill(padding) : [...padding];
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, h, w]`, float32.
   * @returns A larger tensor.
   */
  override forward(x: Tensor): Tensor {
    return pad(x, this.padding);
  }

  /** The sides, as PyTorch prints them. */
  override extraRepr(): string {
    return list(this.padding);
  }
}

const takesConstantPad1d = signature("make ConstantPad1d", { padding: SIDES_1D, value: NUMBER });

/**
 * Surrounds sequences with a value.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ConstantPad1d(1, 0.5).forward(zeros([1, 1, 3])).shape, [1, 1, 5]);
 * ```
 */
export class ConstantPad1d extends Module {
  /** How much is added on each side, the last dimension first. */
  readonly padding: readonly number[];
  /** What is added. */
  readonly value: number;

  /**
   * Makes a layer.
   *
   * @param padding How much on each side: a number, or left, right.
   * @param value What is added.
   */
  constructor(padding: Sides1d, value: number) {
    super();
    takesConstantPad1d(arguments);
    this.padding = typeof padding === "number" ? new Array<number>(2).fill(padding) : [...padding];
    this.value = value;
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, l]`, float32.
   * @returns A larger tensor.
   */
  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { value: this.value });
  }

  /** The sides, as PyTorch prints them. */
  override extraRepr(): string {
    return `padding=${list(this.padding)}, value=${this.value}`;
  }
}

const takesConstantPad2d = signature("make ConstantPad2d", { padding: SIDES_2D, value: NUMBER });

/**
 * Surrounds images with a value.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ConstantPad2d(1, 0.5).forward(zeros([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 * ```
 */
export class ConstantPad2d extends Module {
  /** How much is added on each side, the last dimension first. */
  readonly padding: readonly number[];
  /** What is added. */
  readonly value: number;

  /**
   * Makes a layer.
   *
   * @param padding How much on each side: a number, or left, right, top, bottom.
   * @param value What is added.
   */
  constructor(padding: Sides2d, value: number) {
    super();
    takesConstantPad2d(arguments);
    this.padding = typeof padding === "number" ? new Array<number>(4).fill(padding) : [...padding];
    this.value = value;
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, h, w]`, float32.
   * @returns A larger tensor.
   */
  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { value: this.value });
  }

  /** The sides, as PyTorch prints them. */
  override extraRepr(): string {
    return `padding=${list(this.padding)}, value=${this.value}`;
  }
}

const takesReflectionPad1d = signature("make ReflectionPad1d", { padding: SIDES_1D });

/**
 * Surrounds sequences with what lies on the other side of its ends, mirrored.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ReflectionPad1d(1).forward(zeros([1, 1, 3])).shape, [1, 1, 5]);
 * ```
 */
export class ReflectionPad1d extends Module {
  /** How much is added on each side, the last dimension first. */
  readonly padding: readonly number[];

  /**
   * Makes a layer.
   *
   * @param padding How much on each side: a number, or left, right.
   */
  constructor(padding: Sides1d) {
    super();
    takesReflectionPad1d(arguments);
    this.padding = typeof padding === "number" ? new Array<number>(2).fill(padding) : [...padding];
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, l]`, float32.
   * @returns A larger tensor.
   */
  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: "reflect" });
  }

  /** The sides, as PyTorch prints them. */
  override extraRepr(): string {
    return list(this.padding);
  }
}

const takesReflectionPad2d = signature("make ReflectionPad2d", { padding: SIDES_2D });

/**
 * Surrounds images with what lies on the other side of its ends, mirrored.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ReflectionPad2d(1).forward(zeros([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 * ```
 */
export class ReflectionPad2d extends Module {
  /** How much is added on each side, the last dimension first. */
  readonly padding: readonly number[];

  /**
   * Makes a layer.
   *
   * @param padding How much on each side: a number, or left, right, top, bottom.
   */
  constructor(padding: Sides2d) {
    super();
    takesReflectionPad2d(arguments);
    this.padding = typeof padding === "number" ? new Array<number>(4).fill(padding) : [...padding];
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, h, w]`, float32.
   * @returns A larger tensor.
   */
  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: "reflect" });
  }

  /** The sides, as PyTorch prints them. */
  override extraRepr(): string {
    return list(this.padding);
  }
}

const takesReplicationPad1d = signature("make ReplicationPad1d", { padding: SIDES_1D });

/**
 * Surrounds sequences with the elements at its ends.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ReplicationPad1d(1).forward(zeros([1, 1, 3])).shape, [1, 1, 5]);
 * ```
 */
export class ReplicationPad1d extends Module {
  /** How much is added on each side, the last dimension first. */
  readonly padding: readonly number[];

  /**
   * Makes a layer.
   *
   * @param padding How much on each side: a number, or left, right.
   */
  constructor(padding: Sides1d) {
    super();
    takesReplicationPad1d(arguments);
    this.padding = typeof padding === "number" ? new Array<number>(2).fill(padding) : [...padding];
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, l]`, float32.
   * @returns A larger tensor.
   */
  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: "replicate" });
  }

  /** The sides, as PyTorch prints them. */
  override extraRepr(): string {
    return list(this.padding);
  }
}

const takesReplicationPad2d = signature("make ReplicationPad2d", { padding: SIDES_2D });

/**
 * Surrounds images with the elements at its ends.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(new nn.ReplicationPad2d(1).forward(zeros([1, 1, 3, 3])).shape, [1, 1, 5, 5]);
 * ```
 */
export class ReplicationPad2d extends Module {
  /** How much is added on each side, the last dimension first. */
  readonly padding: readonly number[];

  /**
   * Makes a layer.
   *
   * @param padding How much on each side: a number, or left, right, top, bottom.
   */
  constructor(padding: Sides2d) {
    super();
    takesReplicationPad2d(arguments);
    this.padding = typeof padding === "number" ? new Array<number>(4).fill(padding) : [...padding];
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, h, w]`, float32.
   * @returns A larger tensor.
   */
  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: "replicate" });
  }

  /** The sides, as PyTorch prints them. */
  override extraRepr(): string {
    return list(this.padding);
  }
}
