/**
 * Windows of images as columns of a matrix, and columns added up to images again: each is the gradient
 * of the other.
 *
 * An invocation computes one element. Of a column's it copies one pixel; of an image's it goes through
 * the windows that have it, in order, so that every run gives the same bits.
 *
 * @module
 */
import { read, u32s, write } from "../../kernels/wgsl/text.ts";
import type { Pair } from "../shape.ts";
import { empty } from "../tensor/create.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { runSingleKernel } from "./single_kernel.ts";

/** Images `[n, c, h, w]`, and the windows over them: `outH` by `outW` of `kernel`. */
export interface Windows {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly outH: number;
  readonly outW: number;
}

const NAMES = ["total", "h", "w", "kh", "kw", "sh", "sw", "ph", "pw", "dh", "dw", "oh", "ow"];

function run(name: string, x: Tensor, y: Tensor, g: Windows, body: string): Tensor {
  if (y.size === 0) return y;
  const pairs = [g.kernel, g.stride, g.padding, g.dilation].flat();
  runSingleKernel(
    name,
    {
      bindings: [read("x", "f32"), write("y", "f32")],
      numberDecls: u32s(...NAMES),
      numbers: [y.size, g.h, g.w, ...pairs, g.outH, g.outW],
      body,
      invocations: y.size,
    },
    [storageOf(x)],
    [storageOf(y)],
  );
  return y;
}

/** The windows of images as columns: `[n, c kh kw, outH outW]`. */
export function columnsOf(name: string, x: Tensor, g: Windows): Tensor {
  const { n, c, kernel, outH, outW } = g, y = empty([n, c * kernel[0] * kernel[1], outH * outW]);
  return run(
    name,
    x,
    y,
    g,
    /* wgsl */ `
  if (id < u.total) {
    let column = id % (u.oh * u.ow);
    let row = id / (u.oh * u.ow);
    let i = row / u.kw % u.kh;
    let down = column / u.ow * u.sh + i * u.dh;
    let right = column % u.ow * u.sw + row % u.kw * u.dw;
    let isInside = (down >= u.ph) & (down < u.h + u.ph) & (right >= u.pw) & (right < u.w + u.pw);
    let at = (row / (u.kh * u.kw) * u.h + (down - u.ph)) * u.w + (right - u.pw);
    y[id] = 0.0;
    if (isInside) { y[id] = x[at]; }
  }`,
  );
}

/** Columns added up to images. */
export function imagesOf(name: string, x: Tensor, g: Windows): Tensor {
  return run(
    name,
    x,
    empty([g.n, g.c, g.h, g.w]),
    g,
    /* wgsl */ `
  if (id < u.total) {
    let down = id / u.w % u.h + u.ph;
    let right = id % u.w + u.pw;
    let first = id / (u.h * u.w) * u.kh * u.kw;
    var sum = 0.0;
    for (var i = 0u; i < u.kh; i++) {
      for (var j = 0u; j < u.kw; j++) {
        let y0 = down - i * u.dh; // wraps around below 0, and is then beyond the last window
        let x0 = right - j * u.dw;
        let isWindow = (y0 % u.sh == 0u) & (y0 / u.sh < u.oh) & (x0 % u.sw == 0u) & (x0 / u.sw < u.ow);
        if (isWindow & (i * u.dh <= down) & (j * u.dw <= right)) {
          sum += x[((first + i * u.kw + j) * u.oh + y0 / u.sh) * u.ow + x0 / u.sw];
        }
      }
    }
    y[id] = sum;
  }`,
  );
}
