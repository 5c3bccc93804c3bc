import { assertEquals } from "@std/assert";
import {
  type AffineAccess,
  broadcastAccess,
  collapse,
  contiguous,
  indexExpression,
  isConstant,
  isIdentity,
  sharesFour,
} from "../../../../ops/kernels/wgsl/access.ts";

/** Places of all elements by an access's own definition: offset and strides. */
function placesOf({ strides, offset }: AffineAccess, dims: readonly number[]): number[] {
  return dims.reduce<number[]>(
    (places, size, d) => places.flatMap((at) => Array.from({ length: size }, (_, k) => at + k * strides[d])),
    [offset],
  );
}

/** Places by the WGSL expression, whose u32 and i32 arithmetic stays exact in JavaScript for small numbers. */
function written(access: AffineAccess, dims: readonly number[]): number[] {
  const text = indexExpression(access, dims, "i").replaceAll(/(\d)u\b/g, "$1").replaceAll(
    /i \/ (\d+)/g,
    "Math.floor(i / $1)",
  );
  const place = new Function("i", "u32", "i32", `return ${text}`);
  const same = (v: number) => v, n = dims.reduce((a, b) => a * b, 1);
  return Array.from({ length: n }, (_, i) => place(i, same, same));
}

const CASES: { dims: number[]; access: AffineAccess }[] = [
  { dims: [2, 3, 4], access: contiguous([2, 3, 4]) },
  { dims: [2, 3, 4], access: broadcastAccess([3, 1], [2, 3, 4]) },
  { dims: [4, 3], access: { strides: [1, 4], offset: 0 } }, // transposed
  { dims: [2, 5], access: { strides: [5, -1], offset: 4 } }, // flipped
  { dims: [3, 2], access: { strides: [8, 2], offset: 9 } }, // a strided slice
  { dims: [6], access: { strides: [0], offset: 7 } },
];

Deno.test("indexExpression() finds every element where strides and offset say", () => {
  for (const { dims, access } of CASES) {
    assertEquals(written(access, dims), placesOf(access, dims), JSON.stringify(access));
  }
});

Deno.test("indexExpression() leaves the first size out, so that a batch may be of any size", () => {
  const at = (n: number) => indexExpression({ strides: [1, 100], offset: 3 }, [n, 5], "i");
  assertEquals(at(2), at(64));
});

Deno.test("collapse() merges what all accesses walk alike, and changes no place", () => {
  const dims = [2, 1, 3, 4], whole = contiguous(dims), row = broadcastAccess([3, 4], dims);
  const one = collapse({ dims, accesses: [whole] });
  assertEquals(one, { dims: [24], accesses: [{ strides: [1], offset: 0 }] });
  const two = collapse({ dims, accesses: [whole, row] });
  assertEquals(two.dims, [2, 12]);
  two.accesses.forEach((access, k) =>
    assertEquals(placesOf(access, two.dims), placesOf([whole, row][k], dims))
  );
});

Deno.test("isIdentity(), isConstant() and sharesFour() tell accesses apart", () => {
  const dims = [3, 8], row = broadcastAccess([8], dims), column = broadcastAccess([3, 1], dims);
  const scalar = broadcastAccess([], dims);
  const all = [contiguous(dims), row, column, scalar];
  assertEquals(all.map((access) => isIdentity(access, dims)), [true, false, false, false]);
  assertEquals(all.map(isConstant), [false, false, false, true]);
  assertEquals(all.map((access) => sharesFour(access, dims)), [false, false, true, true]);
  assertEquals(sharesFour(broadcastAccess([3, 1], [3, 6]), [3, 6]), false); // four elements reach into the next row
});
