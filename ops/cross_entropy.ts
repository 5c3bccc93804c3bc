/**
 * Cross-entropy between logits and class labels.
 *
 * With p = softmax(x), class weights w, label smoothing s and C classes, the loss of a row with target t is
 * `(1 - s) w_t (-log p_t) + s / C sum_k w_k (-log p_k)`, and 0 where t is ignored. "mean" divides the sum by the sum of
 * w_t over the rows that are not ignored, as PyTorch does. Gradient of a row:
 * `(1 - s) w_t (p_k - [k = t]) + s / C (p_k sum_j w_j - w_k)`.
 *
 * @module
 */
import { differentiable } from "./core/autograd.ts";
import { empty } from "./core/create.ts";
import { compute, expectDType } from "./core/elementwise.ts";
import { reduceTensor, SUM } from "./core/reduction.ts";
import { runRows } from "./core/rows.ts";
import { sameShape, show } from "./core/shape.ts";
import type { Tensor } from "./core/tensor.ts";
import { programOf } from "./kernels/program.ts";
import { type Rows, rowsOf } from "./kernels/rows.ts";
import { SOFTMAX_TOTAL } from "./softmax.ts";

/** How the losses of the rows become one. */
export type Reduction = "mean" | "sum" | "none";

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /** Weight of each class, `[classes]`. */
  weight?: Tensor;
  /** How the rows' losses are put together, "mean" unless given. */
  reduction?: Reduction;
  /** Share of the target that is spread evenly over all classes, 0 unless given. */
  labelSmoothing?: number;
  /** Rows with this target do not count, -100 unless given. */
  ignoreIndex?: number;
}

const ROW = /* wgsl */ `${SOFTMAX_TOTAL}
    let t = labels[row];
    let counts = t != u.ignore;
    let own = u32(clamp(t, 0, i32(u.size) - 1));`;

/** Writes each row's loss, and the weight by which "mean" divides. */
const FORWARD = /* wgsl */ `${ROW}
    let shift = logf(total);
    var spread = 0.0;
    if (u.smoothing > 0.0) {
      for (var k = 0u; k < u.size; k++) { spread += WEIGHT(k) * (shift - (x[base + k * INNER] - top)); }
    }
    let w = WEIGHT(own);
    let loss = (1.0 - u.smoothing) * w * (shift - (x[base + own * INNER] - top)) + u.smoothing / f32(u.size) * spread;
    let valid = t >= 0 && t < i32(u.size);
    losses[row] = select(0.0, select(nanf(), loss, valid), counts);
    weights[row] = select(0.0, w, counts);`;

const GRADIENT = /* wgsl */ `${ROW}
    var all = 0.0;
    for (var k = 0u; k < u.size; k++) { all += WEIGHT(k); }
    let scale = select(0.0, UPSTREAM, counts);
    let hard = (1.0 - u.smoothing) * WEIGHT(own);
    let soft = u.smoothing / f32(u.size);
    for (var k = 0u; k < u.size; k++) {
      let p = expf(x[base + k * INNER] - top) / total;
      let g = hard * (p - select(0.0, 1.0, k == own)) + soft * (p * all - WEIGHT(k));
      dx[base + k * INNER] = scale * g;
    }`;

/**
 * Measures how far logits are from the right classes.
 *
 * @param input Logits: `[classes]`, `[n, classes]` or `[n, classes, d1, …]`, float32.
 * @param target Right classes, int32: `[]`, `[n]` or `[n, d1, …]`. A class that does not exist gives NaN.
 * @param options Class weights, reduction, label smoothing, and a target to ignore.
 * @returns `[]`, or with reduction "none" the shape of `target`.
 * @throws {RangeError} If shapes do not fit; {@linkcode TypeError} if types do not.
 *
 * @example Usage
 * ```ts
 * import { crossEntropy, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const logits = tensor([[2, 2, 2, 2]]), labels = tensor([1], { dtype: "int32" });
 * assertAlmostEquals(await crossEntropy(logits, labels).item(), Math.log(4), 1e-6);
 * ```
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight, reduction = "mean", labelSmoothing = 0, ignoreIndex = -100 } = options;
  const rows = check(input, target, options);
  const count = rows.outer * rows.inner;
  const uniforms = [
    { name: "ignore", type: "i32", value: ignoreIndex },
    { name: "smoothing", type: "f32", value: labelSmoothing },
  ] as const;
  const [losses, weights] = [empty(target.shape), empty(target.shape)];
  const tensors = { x: input, labels: target, ...(weight ? { weight } : {}) };
  const outputs = { losses, weights };
  if (input.size > 0) {
    runRows("crossEntropy", rows, tensors, outputs, withOptions(FORWARD, options), uniforms);
  }
  const total = reduction === "mean" ? totalOf(weights) : null;
  weights.dispose();
  const y = reduction === "none" ? losses : total ? quotient(totalOf(losses), total) : totalOf(losses);
  if (y !== losses) losses.dispose();
  return differentiable("crossEntropy", y, [input], {
    saved: [input, target, ...(weight ? [weight] : []), ...(total ? [total] : [])],
    gradient: (dy, [x, labels, ...rest]) => {
      const dx = empty(x.shape);
      const upstream = total ? quotient(dy, rest.at(-1)!) : dy;
      const inputs = { x, labels, dy: upstream, ...(weight ? { weight: rest[0] } : {}) };
      const body = withOptions(GRADIENT, options);
      if (count > 0) runRows("crossEntropy gradient", rows, inputs, { dx }, body, uniforms);
      return [dx];
    },
  });
}

/** Names in the text stand for what the options make of them. */
function withOptions(body: string, { weight, reduction }: CrossEntropyOptions): string {
  return body.replaceAll(/WEIGHT\((\w+)\)/g, weight ? "weight[$1]" : "1.0")
    .replaceAll("UPSTREAM", reduction === "none" ? "dy[row]" : "dy[0]");
}

function totalOf(rows: Tensor): Tensor {
  return reduceTensor("crossEntropy total", SUM, rows, rows.shape.map((_, d) => d));
}

const divide = programOf({
  name: "quotient",
  args: [["a", "float32"], ["b", "float32"]],
  result: "float32",
  body: "a / b",
});

function quotient(a: Tensor, b: Tensor): Tensor {
  return compute("crossEntropy mean", divide, [], [a, b], [], "float32");
}

function check(input: Tensor, target: Tensor, options: CrossEntropyOptions): Rows {
  const { weight, labelSmoothing = 0, reduction = "mean", ignoreIndex = -100 } = options;
  expectDType("crossEntropy", input, "float32", "input");
  expectDType("crossEntropy", target, "int32", "target");
  const dim = input.shape.length > 1 ? 1 : 0;
  const wanted = input.shape.filter((_, d) => d !== dim);
  if (input.shape.length === 0 || !sameShape(wanted, target.shape)) {
    throw new RangeError(
      `Cannot apply crossEntropy as target must have the shape of input without its classes: ` +
        `input ${show(input.shape)}, target ${show(target.shape)}`,
    );
  }
  const classes = input.shape[dim];
  if (weight && !sameShape(weight.shape, [classes])) {
    throw new RangeError(
      `Cannot apply crossEntropy as weight must have shape [${classes}]: weight ${
        show(weight.shape)
      }, input ${show(input.shape)}`,
    );
  }
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(
      `Cannot apply crossEntropy as labelSmoothing must be from 0 to 1: ${labelSmoothing}`,
    );
  }
  if (!["mean", "sum", "none"].includes(reduction)) {
    throw new RangeError(
      `Cannot apply crossEntropy as reduction must be "mean", "sum" or "none": "${reduction}"`,
    );
  }
  if (!Number.isInteger(ignoreIndex)) {
    throw new RangeError(`Cannot apply crossEntropy as ignoreIndex must be a whole number: ${ignoreIndex}`);
  }
  return rowsOf(input.shape, dim);
}
