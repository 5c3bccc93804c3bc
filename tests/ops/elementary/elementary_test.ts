// Special values are in tests/ops/special_values_test.ts, PyTorch's numbers in tests/oracle_test.ts.
import { assertEquals } from "@std/assert";
import * as plunge from "../../../mod.ts";
import {
  copysign,
  fmod,
  hypot,
  lerp,
  nanToNum,
  openDevice,
  remainder,
  type Tensor,
  tensor,
  zeros,
} from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

const UNARY = [
  "floor",
  "ceil",
  "round",
  "trunc",
  "frac",
  "exp2",
  "log2",
  "log10",
  "reciprocal",
  "tan",
  "asin",
  "acos",
];
const MORE = ["atan", "sinh", "cosh", "nanToNum"];

Deno.test("elementary functions take scalars and empty tensors", () => {
  for (const name of [...UNARY, ...MORE]) {
    const fn = (plunge as unknown as Record<string, (x: Tensor) => Tensor>)[name];
    assertEquals([fn(tensor(1)).shape, fn(zeros([2, 0])).shape], [[], [2, 0]], name);
  }
});

Deno.test("roundings keep integers, the sign of zero, and numbers too large for a fraction", async () => {
  const whole = tensor([3, -2], { dtype: "int32" });
  assertEquals([whole.floor().dtype, await whole.round().toArray()], ["int32", [3, -2]]);
  assertEquals(await tensor([-0.4, -0, 16777217, -3e38]).round().toArray(), [
    -0,
    -0,
    16777216,
    Math.fround(-3e38),
  ]);
  assertEquals(await tensor([-0.25, -3, Infinity]).frac().toArray(), [-0.25, -0, NaN]);
});

Deno.test("powers of 2 and their logarithms are exact", async () => {
  const k = Array.from({ length: 253 }, (_, i) => i - 126);
  assertEquals(await tensor(k).exp2().toArray(), k.map((v) => 2 ** v));
  assertEquals(await tensor(k.map((v) => 2 ** v)).log2().toArray(), k);
});

Deno.test("remainders are exact where a quotient would not be", async () => {
  assertEquals(await fmod(tensor([3e38, 1e20]), tensor([7, 3])).toArray(), [
    Math.fround(3e38) % 7,
    Math.fround(1e20) % 3,
  ]);
  const a = tensor([7, -7, 7, -7], { dtype: "int32" }), b = tensor([3, 3, -3, 0], { dtype: "int32" });
  assertEquals(await remainder(a, b).toArray(), [1, 2, -2, 0]);
  assertEquals(await fmod(a, b).toArray(), [1, -1, 1, 0]);
  assertEquals(await remainder(tensor([-1, 1]), tensor([Infinity, -Infinity])).toArray(), [
    Infinity,
    -Infinity,
  ]);
});

Deno.test("hypot() and copysign() go by size and sign alone", async () => {
  assertEquals(await hypot(tensor([3e-38, Infinity]), tensor([4e-38, NaN])).toArray(), [
    Math.fround(5e-38),
    Infinity,
  ]);
  assertEquals(await copysign(tensor([1, 0, NaN]), -0).toArray(), [-1, -0, NaN]);
});

Deno.test("lerp() ends where it is to end", async () => {
  const a = tensor([16777216, 1]), b = tensor([1, 16777216]);
  assertEquals(await lerp(a, b, 1).toArray(), [1, 16777216]);
  assertEquals(await lerp(a, b, 0).toArray(), [16777216, 1]);
});

Deno.test("nanToNum() takes the greatest number unless told otherwise", async () => {
  const x = tensor([NaN, Infinity, -Infinity], { requiresGrad: true }), y = nanToNum(x);
  assertEquals(await y.toArray(), [0, 3.4028234663852886e38, -3.4028234663852886e38]);
  y.sum().backward();
  assertEquals(await x.grad!.toArray(), [0, 0, 0]);
});

Deno.test("elementary functions refuse what they do not take", () => {
  const truth = tensor([true]);
  const rows: [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [() => truth.floor(), TypeError, "Cannot apply floor as x must be float32 or int32: it is bool"],
    [
      () => remainder(tensor([1, 2]), tensor([1, 2, 3])),
      RangeError,
      "Cannot apply remainder as the shapes must broadcast: [2] and [3]",
    ],
    [
      () => lerp(tensor([1], { dtype: "int32" }), tensor([1]), 0.5),
      TypeError,
      "Cannot apply lerp as a must be float32: it is int32",
    ],
    [
      () => plunge.hardtanh(tensor([1]), { minVal: 2, maxVal: 1 }),
      RangeError,
      "Cannot apply hardtanh as minVal must be at most maxVal: 2 and 1",
    ],
    [
      () => plunge.celu(tensor([1]), 0),
      RangeError,
      "Cannot apply celu as alpha must be a number other than 0: 0",
    ],
    [
      () => plunge.prelu(zeros([2, 3]), zeros([2])),
      RangeError,
      "Cannot apply prelu as weight must have one slope, or one for each channel: weight [2], x [2, 3]",
    ],
    [
      () => plunge.glu(zeros([2, 3])),
      RangeError,
      "Cannot apply glu as dim 1 must have an even size: x has shape [2, 3]",
    ],
  ];
  for (const [call, type, message] of rows) {
    try {
      assertRefuses(call, type, message);
    } catch (error) {
      throw new Error(`${call}`, { cause: error });
    }
  }
});
