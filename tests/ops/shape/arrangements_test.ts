// repeat, tile, roll, rot90, diagonals, triangles, grids and einsum; PyTorch's numbers are in tests/oracle_test.ts.
import { assertEquals } from "@std/assert";
import {
  chunk,
  diag,
  einsum,
  meshgrid,
  openDevice,
  roll,
  rot90,
  tensor,
  tril,
  unbind,
  zeros,
} from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("einsum() takes letters in any order, spaces, and a letter twice in one part", async () => {
  const a = tensor([[1, 2], [3, 4]]), b = tensor([[5, 6], [7, 8]]);
  assertEquals(await einsum("ij , kj -> ki", a, b).toArray(), [[17, 39], [23, 53]]);
  assertEquals(await einsum("ba", a).toArray(), [[1, 3], [2, 4]]);
  assertEquals(await einsum("ii,ij->j", a, b).toArray(), [33, 38]);
  assertEquals(await einsum(",ij", tensor(2), a).toArray(), [[2, 4], [6, 8]]);
  assertEquals(einsum("ij,jk", zeros([0, 2]), a).shape, [0, 2]);
});

Deno.test("einsum() refuses a formula that does not fit", () => {
  const x = zeros([2, 3]);
  const refuse = (call: () => unknown, message: string) =>
    assertRefuses(call, RangeError, `Cannot apply einsum as ${message}`);
  refuse(() => einsum("ij,jk", x), 'there must be one part for each operand: 2 for 1 in "ij,jk"');
  refuse(
    () => einsum("ijk", x),
    'a part must have a letter for each dimension: ijk for 2 dimensions in "ijk"',
  );
  refuse(() => einsum("ij,jk", x, x), 'a letter must have one size, or 1: j is 3 and 2 in "ij,jk"');
  refuse(() => einsum("ij->ik", x), 'each letter of the result must be one of an operand\'s: k in "ij->ik"');
  refuse(() => einsum("ij->ii", x), 'a letter must stand once in the result: ii in "ij->ii"');
  refuse(() => einsum("i1", x), 'a part must be letters, and ... once: "i1" in "i1"');
});

Deno.test("what is rolled, turned and cut off keeps its type", async () => {
  const x = tensor([[1, 2], [3, 4]], { dtype: "int32" }), truth = tensor([[true, true], [true, true]]);
  assertEquals([roll(x, 1).dtype, rot90(x).dtype, diag(x).dtype], ["int32", "int32", "int32"]);
  assertEquals(await tril(truth).toArray(), [[true, false], [true, true]]);
  assertEquals(await rot90(x, { k: -5 }).toArray(), [[3, 1], [4, 2]]);
});

Deno.test("gradients of copies are added up", async () => {
  const x = tensor([1, 2], { requiresGrad: true }), [rows] = meshgrid([x, tensor([1, 2, 3])]);
  rows.sum().backward();
  assertEquals(await x.grad!.toArray(), [3, 3]);
  x.clearGrad();
  x.tile(2, 2).sum().backward();
  assertEquals(await x.grad!.toArray(), [4, 4]);
});

Deno.test("arrangements refuse what does not fit", () => {
  const x = zeros([2, 3]), scalar = tensor(1);
  assertRefuses(
    () => x.repeat(2),
    RangeError,
    "Cannot apply repeat as sizes must have a number for each dimension: [2] for x of shape [2, 3]",
  );
  assertRefuses(
    () => roll(x, [1, 2], { dims: 0 }),
    RangeError,
    "Cannot apply roll as there must be a dimension for each shift: [1, 2] and [0]",
  );
  assertRefuses(
    () => x.narrow(1, 2, 2),
    RangeError,
    "Cannot apply narrow as the range must lie within dim 1: 2 from 2 of x of shape [2, 3]",
  );
  assertRefuses(
    () => x.unflatten(1, [2, -1]),
    RangeError,
    "Cannot apply unflatten as sizes must multiply to that of dim 1: [2, -1] for x of shape [2, 3]",
  );
  assertRefuses(
    () => x.diagonal({ dim1: 1, dim2: -1 }),
    RangeError,
    "Cannot apply diagonal as dim1 and dim2 must be two dimensions of x: 1 and -1 of x of shape [2, 3]",
  );
  assertRefuses(
    () => unbind(scalar),
    RangeError,
    "Cannot apply unbind as x must have a dimension: it is a scalar",
  );
  assertRefuses(
    () => scalar.tril(),
    RangeError,
    "Cannot apply tril as x must have two dimensions or more: it has shape []",
  );
  assertEquals(chunk(zeros([0, 2]), 3).map((t) => t.shape), [[0, 2], [0, 2], [0, 2]]);
});
