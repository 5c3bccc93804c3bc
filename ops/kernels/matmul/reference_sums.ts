/**
 * What the tuned families compute, element by element in float64 and as plainly as can be: measured kernels are held
 * against it.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Sum } from "../tuning.ts";
import type { MatmulPass } from "./pass.ts";

export type Read = (storage: Storage) => Float32Array;

/** Adds products. */
export class Total implements Sum {
  value = 0;
  magnitude = 0;

  add(term: number): void {
    this.value += term;
    this.magnitude += Math.abs(term);
  }
}

/** Element `i` of a matrix product. */
export function matmulSum(pass: MatmulPass, i: number, read: Read): Sum {
  const { m, n, k, transA, transB } = pass, column = i % n, row = Math.floor(i / n) % m;
  let rest = Math.floor(i / (m * n)), aBase = 0, bBase = 0;
  for (let d = pass.batchDims.length - 1; d >= 0; d--) {
    aBase += rest % pass.batchDims[d]! * pass.aStrides[d]!;
    bBase += rest % pass.batchDims[d]! * pass.bStrides[d]!;
    rest = Math.floor(rest / pass.batchDims[d]!);
  }
  const a = read(pass.a), b = read(pass.b), total = new Total();
  if (pass.bias) total.add(read(pass.bias)[column]!);
  for (let p = 0; p < k; p++) {
    total.add(
      a[aBase + (transA ? p * m + row : row * k + p)]! *
        b[bBase + (transB ? column * k + p : p * n + column)]!,
    );
  }
  return total;
}

/** Sum of row `row` of `op(a)`, where `a` is transposed. */
export function rowSum({ m, k, a }: MatmulPass, row: number, read: Read): Sum {
  const total = new Total();
  for (let p = 0; p < k; p++) total.add(read(a)[p * m + row]!);
  return total;
}
