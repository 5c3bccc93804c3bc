// Random programs of all operations and layers: values and gradients are those of a float64 reference, however they run.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertMatch } from "@std/assert";
import * as plunge from "../mod.ts";
import * as operations from "../ops/mod.ts";
import { describeFailure, failuresIn, WAYS } from "./support/programs/check.ts";
import { DRAWN, randomProgram } from "./support/programs/generator.ts";
import { printProgram } from "./support/programs/print.ts";
import { type Leaf, leafNumbers, lossSeed, type Program } from "./support/programs/program.ts";
import { type Expected, expected } from "./support/programs/reference/mod.ts";
import { type Failure, failuresOf } from "./support/programs/run.ts";

const PROGRAMS = Array.from({ length: 300 }, (_, seed) => randomProgram(seed));

/** The names of the operations and layers that a program calls. */
function namesOf({ steps, layers }: Program): string[] {
  return [...steps.filter((s) => !s.layer).map((s) => s.fn), ...layers.map((l) => `nn.${l.kind}`)];
}

/**
 * What has tests of its own alone: operations that wait for the GPU, and the one whose draws go by logarithms in float32;
 * modules that compute nothing, and those that are others from their first call on.
 */
const APART: ReadonlySet<string> = new Set([
  ...["allclose", "equal", "nonzero", "maskedSelect", "bincount", "unique", "multinomial"],
  ...["Module", "ModuleList", "ModuleDict", "Parameter", "ParameterList", "ParameterDict"],
  ...["LazyLinear", "LazyConv2d", "LazyBatchNorm2d"],
]);

Deno.test("random programs have every operation and every layer", () => {
  const layers = Object.entries(plunge.nn).filter(([name, value]) =>
    typeof value === "function" && !APART.has(name)
  );
  const all = [
    ...Object.keys(operations).filter((name) => !APART.has(name)),
    ...layers.map(([name]) => `nn.${name}`),
  ];
  const used = new Set(PROGRAMS.flatMap(namesOf));
  assertEquals(all.filter((name) => !used.has(name)), []);
  assertEquals([...used].filter((name) => !DRAWN.includes(name)), []);
});

Deno.test("tolerances of random programs are sharp: half are below 2e-6 of the largest element", () => {
  const shares = PROGRAMS.flatMap((program) =>
    [...expected(program).wanted.values()].map(({ data, err }) => {
      const most = data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      return err.reduce((m, v) => Math.max(m, v), 0) / most;
    })
  ).filter((share) => share > 0 && !Number.isNaN(share)).sort((a, b) => a - b);
  assertLess(shares[Math.floor(0.5 * shares.length)], 2e-6);
  assertLess(shares[Math.floor(0.9 * shares.length)], 1e-4);
});

WAYS.forEach((way, k) => {
  const { kernels, fusion = true } = way.device;
  const programs = PROGRAMS.filter(({ seed }) => seed % WAYS.length === k);
  Deno.test(`random programs give what float64 gives: ${kernels} kernels, ${fusion ? "" : "not "}fused`, async () => {
    assertEquals(await failuresIn([way], programs), []);
  });
});

/** The loss of a program, with float64 leaves that are moved by `h` times the noise of their names, and its gradients. */
function lossAt(program: Program, h: number): { loss: number; gradients: Expected } {
  const moved = (leaf: Leaf, numbers: Float32Array) => {
    const noise = leafNumbers(leaf.shape, { seed: lossSeed(leaf.name) });
    return Float64Array.from(numbers, (v, i) => (leaf.requiresGrad ? v + h * noise[i] : v));
  };
  const gradients = expected(program, moved), { lossNames, shapes, wanted } = gradients;
  const loss = lossNames.reduce((sum, name) => {
    const weights = leafNumbers(shapes.get(name)!, { seed: lossSeed(name) });
    return sum + weights.reduce((part, w, i) => part + w * wanted.get(name)!.data[i], 0);
  }, 0);
  return { loss, gradients };
}

Deno.test("the reference's gradients are what differences of its values are", () => {
  let checked = 0;
  for (const program of PROGRAMS) {
    // a difference across a kink is no gradient, and these two take gradients away
    const calls = JSON.stringify([program.steps, program.layers]);
    if (program.leaves.some(({ grid = 0 }) => grid > 0) || /"detach"|"paddingIdx"/.test(calls)) continue;
    const [high, low] = [1e-6, -1e-6].map((h) => lossAt(program, h).loss),
      { wanted } = lossAt(program, 0).gradients;
    let slope = 0, size = 0;
    for (const { name, shape } of program.leaves) {
      const { data = [] } = wanted.get(`${name}.grad`) ?? {};
      leafNumbers(shape, { seed: lossSeed(name) }).forEach((d, i) => {
        slope += d * (data[i] ?? 0);
        size += Math.abs(d * (data[i] ?? 0));
      });
    }
    if (size > 0) checked++;
    assertAlmostEquals((high - low) / 2e-6, slope, 1e-6 + 1e-6 * size, `program ${program.seed}`);
  }
  assert(checked > 100, `${checked} programs`);
});

/** Texts of kernels, what is put in their places, and what a program is in the end. */
const BROKEN = [
  ["tanh", "1.33314422036e-1", "1.4e-1", "eager", /^const v\d+ = (?:tanh|l\d+\.forward)\([av]\d+\);$/m],
  [
    "the gradient of crossEntropy",
    "let p = expf(x[at] - top) / total;",
    "let p = expf(x[at] - top) / total * 1.01;",
    "compiled",
    /^ {2}const v\d+ = (?:crossEntropy|l\d+\.forward)\([av]\d+, [av]\d+\);$/m,
  ],
] as const;

for (const [what, right, wrong, mode, shown] of BROKEN) {
  Deno.test(`a broken kernel of ${what} is found, and shown in a program of one call`, async () => {
    const make = GPUDevice.prototype.createShaderModule;
    let broken = 0;
    GPUDevice.prototype.createShaderModule = function (descriptor) {
      const code = descriptor.code.replace(right, wrong);
      if (code !== descriptor.code) broken++;
      return make.call(this, { ...descriptor, code });
    };
    const options = { kernels: "cpu" } as const, device = await plunge.openDevice(options);
    try {
      const name = what.split(" ").at(-1)!;
      const concerned = PROGRAMS.filter((p) =>
        namesOf(p).some((n) => n.toLowerCase().includes(name.toLowerCase()))
      );
      const failures = await failuresOf(concerned.slice(0, 12), mode);
      assert(broken > 0);
      assert(failures.length > 0, `none of ${concerned.length} programs failed`);
      const text = await describeFailure(failures.toSorted(byLength).at(-1)!, options);
      assertMatch(text, shown);
      assertEquals(text.match(/ = (?!leaf|layer|step|compile)[\w.]+\(/g)?.length, 1, text);
    } finally {
      GPUDevice.prototype.createShaderModule = make;
      device.close();
    }
  });
}

/** Orders failures by the lengths of their programs. */
function byLength(a: Failure, b: Failure): number {
  return a.program.steps.length - b.program.steps.length;
}

Deno.test("programs are printed as texts that run when they are pasted", async () => {
  const device = await plunge.openDevice({ kernels: "cpu" }), folder = await Deno.makeTempDir();
  const root = new URL("..", import.meta.url), { log } = console;
  try {
    for (const program of PROGRAMS.slice(0, 10)) {
      const wants = expected(program), [wanted, { data, err }] = [...wants.wanted].at(-1)!;
      const compiled = program.seed % 2 === 0;
      const text = printProgram(program, { ...wants, compiled, device: '{ kernels: "cpu" }', wanted });
      const file = `${folder}/${program.seed}.ts`, shown: number[][] = [];
      await Deno.writeTextFile(file, text.replaceAll('"./', `"${root}`));
      console.log = (numbers: ArrayLike<number>) => void shown.push(Array.from(numbers));
      await import(`file://${file}`);
      shown[0].forEach((v, i) => assertAlmostEquals(v, data[i], 2 * err[i] + 1e-7 * Math.abs(data[i]), text));
    }
  } finally {
    console.log = log;
    device.close();
    await Deno.remove(folder, { recursive: true });
  }
});
