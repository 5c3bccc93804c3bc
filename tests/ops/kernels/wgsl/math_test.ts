import { assertEquals } from "@std/assert";
import { openDevice, tensor } from "../../../../mod.ts";
import { defineBinary, defineUnary } from "../../../../ops/core/families/elementwise.ts";
import { ulps } from "../../../support/values.ts";

await openDevice();

/** Every exponent of either sign, with 64 fractions of each. */
const EVERYWHERE = new Float32Array(
  Uint32Array.from({ length: 1 << 15 }, (_, i) => {
    return (i << 17) | (Math.imul(i, 0x9e3779b9) >>> 15);
  }).buffer,
);

const SPECIAL = [0, -0, Infinity, -Infinity, NaN, 1, -1, 1e-45, -1e-45, 1.1754943508222875e-38, 3.4028235e38];

/** Numbers from `low` to `high`, evenly. */
function range(low: number, high: number, n = 4001): number[] {
  return Array.from({ length: n }, (_, i) => Math.fround(low + (high - low) * i / (n - 1)));
}

const TINY = 2 ** -126;

/** Whether a result is right within `allowed` units. A denormal number may count as 0 on the way in and on the way out. */
function isRight(got: number, x: number, f: (x: number) => number, allowed: number): boolean {
  const near = (want: number) => {
    if (Math.abs(want) < TINY) {
      return Math.abs(got) <= Math.abs(want) + 1e-45 || Math.abs(got - want) <= 3e-45;
    }
    return ulps(got, want) <= allowed;
  };
  return near(Math.fround(f(x))) || (Math.abs(x) < TINY && near(Math.fround(f(0 * Math.sign(x)))));
}

async function worst(name: string, f: (x: number) => number, points: number[], allowed: number) {
  const op = defineUnary({ name: `test_${name}`, forward: `${name}(x)` });
  const values = Float32Array.from([...EVERYWHERE, ...SPECIAL, ...points]);
  const got = await op(tensor(values)).data();
  const wrong: string[] = [];
  values.forEach((x, i) => {
    if (isRight(got[i], x, f, allowed) || wrong.length > 4) return;
    wrong.push(`${name}(${x}) is ${got[i]}, expected ${Math.fround(f(x))}`);
  });
  return wrong;
}

/** erf by its series, erfc by its continued fraction where that would cancel. */
function erfc(x: number): number {
  if (x < 2) return 1 - erf(x);
  let fraction = x;
  for (let k = 100; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) >= 2) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let term = x, sum = x;
  for (let k = 1; k < 60; k++) sum += (term *= -x * x / k) / (2 * k + 1);
  return x === 0 ? x : 2 / Math.sqrt(Math.PI) * sum;
}

const FUNCTIONS: [name: string, f: (x: number) => number, points: number[], allowed: number][] = [
  ["expf", Math.exp, range(-104, 89), 2],
  // just above 0.35 it is e^x - 1, which cancels two bits
  ["expm1f", Math.expm1, range(-2, 2), 4],
  ["logf", Math.log, [...range(0, 3), ...range(0.9, 1.1)], 2],
  ["log1pf", Math.log1p, [...range(-0.99, 1), ...range(-0.01, 0.01)], 2],
  ["tanhf", Math.tanh, range(-10, 10), 2],
  // an exponential, a sum and a quotient
  ["sigmoidf", (x) => 1 / (1 + Math.exp(-x)), range(-87, 20), 3],
  ["erff", erf, range(-4, 4), 2],
  ["sqrtf", Math.sqrt, range(0, 3), 2],
  ["sinf", Math.sin, [...range(-10, 10), ...range(-1e6, 1e6)], 2],
  ["cosf", Math.cos, [...range(-10, 10), ...range(-1e6, 1e6)], 2],
  // below 1 it is a difference from 1, above a product of two exponentials
  ["erfcf", erfc, range(-4, 9), 8],
];

for (const [name, f, points, allowed] of FUNCTIONS) {
  Deno.test(`${name} is right to ${allowed} units in the last place, everywhere`, async () => {
    assertEquals(await worst(name, f, points, allowed), []);
  });
}

Deno.test("powf is right to 3 units in the last place, everywhere", async () => {
  const op = defineBinary({ name: "test_powf", forward: "powf(a, b)" }), n = EVERYWHERE.length;
  const power = (x: number, i: number) => {
    if (i % 4 === 0) return EVERYWHERE[(i * 7919) % n];
    if (i % 4 === 1) return i % 9 - 4;
    return (i * 0.37 % 250 - 125) / Math.log2(Math.abs(x)); // results of every size
  };
  const x = EVERYWHERE.map((v, i) => i % 4 === 3 ? 0.5 + i / n : v), p = x.map(power);
  const got = await op(tensor(x), tensor(p)).data();
  const wrong = [...got].flatMap((y, i) =>
    isRight(y, x[i], (v) => Math.pow(v, p[i]), 3) ? [] : [`${x[i]} to the power ${p[i]} is ${y}`]
  );
  assertEquals(wrong.slice(0, 5), []);
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
