import { assertEquals } from "@std/assert";
import { openDevice, tensor } from "../../../../mod.ts";
import { defineBinary, defineUnary } from "../../../../ops/core/families/elementwise.ts";
import { MATH_FUNCTIONS } from "../../../../ops/kernels/wgsl/math.ts";
import { MATH, measureMath } from "../../../support/math_functions.ts";

await openDevice();

for (const fn of MATH) {
  Deno.test(`${fn.name} is right to ${fn.allowed} units in the last place, everywhere`, async () => {
    const [{ wrong }] = await measureMath([fn]);
    assertEquals(wrong, []);
  });
}

Deno.test("every function is among them", () => {
  const tried = new Set(MATH.map(({ name }) => name.split(",")[0]));
  assertEquals(MATH_FUNCTIONS.filter((name) => !tried.has(name)), []);
});

Deno.test("powf is exact where the power of an integer is a float32", async () => {
  const op = defineBinary({ name: "test_powf", forward: "powf(a, b)" });
  const pairs: [number, number][] = [];
  for (let x = 1; x < 4096; x++) {
    for (let p = 1; x ** p <= 2 ** 24 && p < 24; p++) pairs.push([x, p], [-x, p]);
  }
  const [x, p] = [0, 1].map((k) => tensor(pairs.map((pair) => pair[k])));
  const got = await op(x, p).data();
  assertEquals(pairs.filter(([x, p], i) => got[i] !== x ** p), []);
});

Deno.test("equalf, lessf, isnegativef and signf are false or 0 for NaN", async () => {
  const a = tensor([NaN, NaN, 1, -0, -1, -Infinity]), b = tensor([NaN, 1, NaN, 0, 1, Infinity]);
  const binary = (body: string) =>
    defineBinary({ name: "test_ordered", forward: body, result: "bool" })(a, b).data();
  assertEquals(await binary("equalf(a, b)"), new Uint8Array([0, 0, 0, 1, 0, 0]));
  assertEquals(await binary("lessf(a, b)"), new Uint8Array([0, 0, 0, 0, 1, 1]));
  assertEquals(await binary("isnegativef(a)"), new Uint8Array([0, 0, 0, 0, 1, 1]));
  const sign = defineUnary({ name: "test_sign", forward: "signf(x)" });
  assertEquals(await sign(a).toArray(), [0, 0, 1, 0, -1, -1]);
});

Deno.test("isnanf and isfinitef go by the bits", async () => {
  const bits = [0x7fc00000, 0x7f800001, 0xffffffff, 0x7f800000, 0xff800000, 0x7f7fffff, 0x80000000, 1];
  const x = tensor(new Float32Array(Uint32Array.from(bits).buffer));
  const isNaNs = defineUnary({ name: "test_nan", forward: "isnanf(x)", result: "bool" });
  const isFinites = defineUnary({ name: "test_finite", forward: "isfinitef(x)", result: "bool" });
  assertEquals(await isNaNs(x).data(), new Uint8Array([1, 1, 1, 0, 0, 0, 0, 0]));
  assertEquals(await isFinites(x).data(), new Uint8Array([0, 0, 0, 0, 0, 1, 1, 1]));
});
