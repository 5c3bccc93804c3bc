// Types: what operations make of integers and booleans, as PyTorch 1.13 does (where it gives int64 from booleans, int32).
import { assertEquals } from "@std/assert";
import * as plunge from "../../mod.ts";
import { openDevice, type Tensor, tensor } from "../../mod.ts";
import { undisposed } from "../support/memory.ts";

const device = await openDevice();

type Op = (...operands: (Tensor | number)[]) => Tensor;
const op = (name: string) => (plunge as unknown as Record<string, Op>)[name];

const i = tensor([2, -3], { dtype: "int32" }), b = tensor([true, false]), f = tensor([1.5, -2]);
const OPERANDS: Readonly<Record<string, Tensor | number>> = { i, b, f };

const FLOAT: [name: string, ofInts: number[], ofBools: number[]][] = [
  ["exp", [7.3890561, 0.049787067], [2.7182818, 1]],
  ["expm1", [6.3890561, -0.95021296], [1.7182819, 0]],
  ["log", [0.69314718, NaN], [0, -Infinity]],
  ["log1p", [1.0986123, NaN], [0.69314718, 0]],
  ["sqrt", [1.4142135, NaN], [1, 0]],
  ["rsqrt", [0.70710677, NaN], [1, Infinity]],
  ["sin", [0.90929741, -0.14112], [0.84147098, 0]],
  ["cos", [-0.41614684, -0.9899925], [0.54030234, 1]],
  ["erf", [0.99532229, -0.99997789], [0.84270078, 0]],
  ["tanh", [0.96402758, -0.99505478], [0.76159418, 0]],
  ["sigmoid", [0.88079703, 0.047425874], [0.7310586, 0.5]],
];

for (const [name, ofInts, ofBools] of FLOAT) {
  Deno.test(`${name}() of integers and booleans is float32`, async () => {
    for (const [x, want] of [[i, ofInts], [b, ofBools]] as const) {
      const y = op(name)(x), got = await y.data();
      assertEquals(y.dtype, "float32");
      const close = (v: number, k: number) =>
        Object.is(v, want[k]) || Math.abs(v - want[k]) < 5e-7 * Math.abs(want[k]);
      assertEquals([...got].filter((v, k) => !close(v, k)), []);
    }
  });
}

/** Operation, operands, type and values of the result. */
const RESULTS: [name: string, operands: string, dtype: string, values: (number | boolean)[]][] = [
  ["abs", "i", "int32", [2, 3]],
  ["neg", "i", "int32", [-2, 3]],
  ["sign", "i", "int32", [1, -1]],
  ["sign", "b", "bool", [true, false]],
  ["square", "i", "int32", [4, 9]],
  ["square", "b", "int32", [1, 0]],
  ["relu", "i", "int32", [2, 0]],
  ["isnan", "i", "bool", [false, false]],
  ["isfinite", "b", "bool", [true, true]],
  ["logicalNot", "i", "bool", [false, false]],
  ["logicalNot", "b", "bool", [false, true]],
  ["add", "i i", "int32", [4, -6]],
  ["add", "i b", "int32", [3, -3]],
  ["add", "b b", "bool", [true, false]],
  ["add", "b f", "float32", [2.5, -2]],
  ["add", "i 2", "int32", [4, -1]],
  ["add", "i 0.5", "float32", [2.5, -2.5]],
  ["add", "b 2", "int32", [3, 2]],
  ["add", "b 0.5", "float32", [1.5, 0.5]],
  ["sub", "i i", "int32", [0, 0]],
  ["sub", "f i", "float32", [-0.5, 1]],
  ["mul", "i i", "int32", [4, 9]],
  ["mul", "i b", "int32", [2, 0]],
  ["mul", "b b", "bool", [true, false]],
  ["mul", "b 2", "int32", [2, 0]],
  ["div", "i i", "float32", [1, 1]],
  ["div", "i 2", "float32", [1, -1.5]],
  ["div", "b b", "float32", [1, NaN]],
  ["pow", "i 2", "int32", [4, 9]],
  ["pow", "i b", "int32", [2, 1]],
  ["pow", "i 0.5", "float32", [Math.fround(Math.SQRT2), NaN]],
  ["pow", "b 2", "int32", [1, 0]],
  ["pow", "b f", "float32", [1, Infinity]],
  ["pow", "2 i", "int32", [4, 0]],
  ["pow", "2.5 i", "float32", [6.25, Math.fround(0.064)]],
  ["maximum", "i b", "int32", [2, 0]],
  ["maximum", "b b", "bool", [true, false]],
  ["minimum", "i f", "float32", [1.5, -3]],
  ["minimum", "i i", "int32", [2, -3]],
  ["eq", "i 2", "bool", [true, false]],
  ["eq", "b b", "bool", [true, true]],
  ["ne", "i 0.5", "bool", [true, true]],
  ["lt", "i f", "bool", [false, true]],
  ["lt", "b 0.5", "bool", [false, true]],
  ["lt", "b b", "bool", [false, false]],
  ["le", "b b", "bool", [true, true]],
  ["gt", "b i", "bool", [false, true]],
  ["ge", "i i", "bool", [true, true]],
  ["logicalAnd", "i b", "bool", [true, false]],
  ["logicalOr", "b f", "bool", [true, true]],
];

for (const [name, operands, dtype, values] of RESULTS) {
  Deno.test(`${name}() of ${operands} is ${dtype}`, async () => {
    const y = op(name)(...operands.split(" ").map((w) => OPERANDS[w] ?? Number(w)));
    assertEquals([y.dtype, await y.toArray()], [dtype, values]);
  });
}

Deno.test("what operations convert is freed", () => {
  const before = undisposed(device);
  for (const y of [i.div(b), i.exp(), b.logicalAnd(f), i.clamp({ min: 0.5 }), b.where(i, f)]) y.dispose();
  assertEquals(undisposed(device), before);
});
