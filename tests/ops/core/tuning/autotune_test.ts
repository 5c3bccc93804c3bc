// Tiles are measured, but first checked; what wins is used, kept and found again.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  autotune,
  compile,
  crossEntropy,
  defineOperation,
  loadTuning,
  maxPool2d,
  nn,
  openDevice,
  optim,
  scope,
  type Tensor,
  tensor,
} from "../../../../mod.ts";
import { tuneKernel } from "../../../../ops/core/tuning/autotune.ts";
import { Bench } from "../../../../ops/core/tuning/bench.ts";
import { Checker } from "../../../../ops/core/tuning/check.ts";
import { type Clock, clockOf as realClock } from "../../../../ops/core/tuning/race.ts";
import type { Dispatch } from "../../../../ops/gpu/kernel.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import type { Work } from "../../../../ops/gpu/work.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import {
  conv2dForward,
  conv2dInputGradient,
  conv2dWeightGradient,
} from "../../../../ops/kernels/conv2d/conv2d.ts";
import { matmul } from "../../../../ops/kernels/matmul/matmul.ts";
import { type Choice, tuningOf } from "../../../../ops/kernels/tuning.ts";
import { IDENTITY } from "../../../../ops/kernels/wgsl/epilogue.ts";
import { geometryOf, sizesOf } from "../../kernels/conv2d/_conv2d.ts";
import { bitsOf, noiseTensor } from "../../../support/values.ts";

const device = await openDevice(), tuning = tuningOf(device);

/** What is chosen while `fn` runs. */
function chosenBy(fn: () => unknown): { choice: Choice; tile: object }[] {
  const chosen: { choice: Choice; tile: object }[] = [];
  tuning.listener = (choice, tile) => chosen.push({ choice, tile });
  tuning.generation++;
  using _ = scope();
  try {
    fn();
  } finally {
    tuning.listener = null;
  }
  return chosen;
}

/** A convolution of five images, with the choice that it makes. */
function convolution() {
  const x = noiseTensor([5, 3, 8, 9], { requiresGrad: false }), w = noiseTensor([4, 3, 3, 3], { seed: 2 });
  const step = compile((x: Tensor) => x.conv2d(w.detach()).relu());
  return { x, w, step, ...chosenBy(() => step(x))[0] };
}

/** The same work with the text of its kernels changed. */
function changed(work: Work, change: (text: string) => string): Work {
  const dispatches = work.dispatches.map((dispatch) => ({
    ...dispatch,
    kernel: { ...dispatch.kernel, wgsl: change(dispatch.kernel.wgsl) },
  }));
  return { ...work, dispatches };
}

/** A choice that offers only what `works` makes of the tile in use: kernels go by the names given there. */
function offering(
  { choice, tile }: ReturnType<typeof convolution>,
  works: Record<string, (w: Work) => Work>,
) {
  const named = (work: Work, name: string): Work => ({
    ...work,
    dispatches: work.dispatches.map((dispatch) => ({ ...dispatch, kernel: { ...dispatch.kernel, name } })),
  });
  return {
    tile,
    choice: {
      ...choice,
      offers: () => Object.keys(works).map((name) => ({ name })),
      problem: (batch: "whole" | "small") => {
        const problem = choice.problem(batch);
        return {
          ...problem,
          work: (t: { name?: string }) =>
            t.name === undefined
              ? named(problem.work(tile), "in use")
              : named(works[t.name](problem.work(tile)), t.name),
        };
      },
    } as Choice,
  };
}

/** A clock that gives each kernel the time of its name. */
function clockOf(times: Record<string, number | [busy: number, elapsed: number]>): Clock {
  return (dispatches: readonly Dispatch[]) => {
    const time = times[dispatches.at(-1)!.kernel.name];
    const [busy, elapsed] = typeof time === "number" ? [time, time] : time;
    return Promise.resolve({ busy, elapsed });
  };
}

const same = (work: Work) => work;

Deno.test("kernels that are wrong, do not compile or write too far are dropped, however fast", async () => {
  const works = {
    wrong: (w: Work) => changed(w, (text) => text.replace("= 0.0;", "= 0.001;")),
    broken: (w: Work) => changed(w, (text) => `${text}\nfn broken( {`),
    far: (w: Work) => changed(w, (text) => text.replace("image < u.n", "image < u.n + 1u")),
    good: same,
  };
  const times = { "in use": 8, wrong: 1, broken: 1, far: 1, good: 4 };
  const { kernel, best } = await tuneKernel(offering(convolution(), works), Infinity, clockOf(times));
  assertEquals(best?.tile, { name: "good" });
  assertEquals([kernel.measured, kernel.before, kernel.after, kernel.tile], [2, 8, 4, "name good"]);
  assertEquals(kernel.dropped.length, 3);
  assertMatch(kernel.dropped[0], /^name wrong: element \d+ is -?[\d.]+ and must lie between /);
  assertMatch(kernel.dropped[1], /^name broken: Cannot compile kernel broken as its WGSL must be valid: /);
  assertMatch(kernel.dropped[2], /^name far: element \d+ of 504 was written$/);
  assertEquals(await tensor([1, 2]).add(1).toArray(), [2, 3]); // nothing of it is left on the device
});

Deno.test("a tile must be three per cent faster, and not leave cores idle", async () => {
  const given = convolution(), { bytesInUse } = device.memory();
  for (
    const [time, wins] of [[0.96, true], [0.98, false], [1.2, false], [[0.9, 2], false]] as [
      number | [number, number],
      boolean,
    ][]
  ) {
    const clock = clockOf({ "in use": 1, other: time });
    const { kernel, best } = await tuneKernel(offering(given, { other: same }), Infinity, clock);
    assertEquals(best?.tile, wins ? { name: "other" } : given.tile);
    assertEquals([kernel.before, kernel.after, kernel.dropped], [1, wins ? 0.96 : 1, []]);
  }
  assert(device.memory().bytesInUse <= bytesInUse);
});

Deno.test("a tile in use that is wrong gives way to the first that is right", async () => {
  const given = convolution(), broken = offering(given, { good: same, better: same });
  const { problem } = broken.choice;
  const choice: Choice = {
    ...broken.choice,
    problem: (batch) => {
      const p = problem(batch);
      const wrong = (w: Work) => changed(w, (text) => text.replace("= 0.0;", "= 0.5;"));
      return { ...p, work: (t) => t === given.tile ? wrong(p.work(t)) : p.work(t) };
    },
  };
  const clock = clockOf({ good: 1, better: 0.99 });
  const { kernel, best } = await tuneKernel({ choice, tile: given.tile }, Infinity, clock);
  assertEquals([best?.tile, kernel.measured, kernel.dropped.length], [{ name: "good" }, 2, 1]);
});

Deno.test("kernels are timed by the processor, by timestamps or by the time that passes, as the device has them", async () => {
  const { choice, tile } = convolution(), bench = new Bench(device);
  const dispatches = bench.dispatches(choice.problem("whole").work(tile));
  const isSoftware = { value: false }, gpu = { value: { features: new Set() } };
  const devices = [device, Object.create(device, { isSoftware }), Object.create(device, { isSoftware, gpu })];
  for (const timed of devices) {
    const before = device.queue.dispatches;
    const { busy, elapsed } = await realClock(timed)(dispatches, 5);
    assert(busy > 0 && elapsed > 0);
    assertEquals(device.queue.dispatches - before, 5 * dispatches.length);
  }
  bench.dispose();
});

Deno.test("after the deadline no further tile is tried, and nothing is taken as measured", async () => {
  const clock = clockOf({ "in use": 1, other: 0.5 });
  const { kernel, best } = await tuneKernel(offering(convolution(), { other: same }), 0, clock);
  assertEquals([kernel.measured, kernel.after, best], [1, 1, null]);
});

Deno.test("autotune() without time measures and writes nothing", async () => {
  const { x, step } = convolution(), file = await Deno.makeTempDir() + "/tuning.json";
  const seen: string[] = [];
  const report = await autotune(() => step(x), { seconds: 0, file, onProgress: (p) => seen.push(p.kernel) });
  assertEquals([report.kernels, report.left, report.file, seen], [[], 1, null, []]);
  assertEquals(await loadTuning(file), 0);
});

/** Storage of noise. */
function put(n: number): Storage {
  const storage = new Storage(device, 4 * n);
  device.queue.upload(storage, new Float32Array(n));
  return storage;
}

const GEOMETRY = geometryOf({
  n: 4,
  c: 4,
  hw: [9, 10],
  oc: 6,
  k: [3, 2],
  stride: [2, 1],
  pad: [1, 0, 1, 1],
  groups: 2,
});

const FAMILIES: Record<string, (kernels: "cpu" | "gpu") => unknown> = {
  "a convolution": (kernels) => {
    const size = sizesOf(GEOMETRY);
    const call = { x: put(size.x), weight: put(size.w), bias: put(6), y: put(size.y), geometry: GEOMETRY };
    return conv2dForward({ ...call, epilogue: IDENTITY }, ADAPTERS[kernels]);
  },
  "an input gradient": (kernels) => {
    const size = sizesOf(GEOMETRY);
    const call = { dy: put(size.y), weight: put(size.w), y: put(size.x), geometry: GEOMETRY };
    return conv2dInputGradient({ ...call, epilogue: IDENTITY }, ADAPTERS[kernels]);
  },
  "a weight gradient": (kernels) => {
    const size = sizesOf(GEOMETRY);
    const call = { x: put(size.x), dy: put(size.y), y: put(size.w), db: put(6), geometry: GEOMETRY };
    return conv2dWeightGradient({ ...call, epilogue: IDENTITY }, ADAPTERS[kernels]);
  },
  "a product": (kernels) => {
    const call = { a: put(70 * 20), b: put(20 * 12), y: put(70 * 12), m: 70, n: 12, k: 20, bias: put(12) };
    return matmul({ ...call, b: put(240), transB: true, epilogue: IDENTITY }, ADAPTERS[kernels]);
  },
  "a product over a batch": (kernels) => {
    const call = { a: put(90 * 10), b: put(90 * 7), y: put(70), rowSums: put(10), m: 10, n: 7, k: 90 };
    return matmul({ ...call, transA: true, epilogue: IDENTITY }, ADAPTERS[kernels]);
  },
  "products of matrices": (kernels) => {
    const batch = { dims: [2, 3], aStrides: [90, 30], bStrides: [0, 20] };
    const call = { a: put(180), b: put(60), y: put(6 * 24), m: 6, n: 4, k: 5, batch };
    return matmul({ ...call, epilogue: IDENTITY }, ADAPTERS[kernels]);
  },
};

for (const [what, make] of Object.entries(FAMILIES)) {
  Deno.test(`the tiles offered for ${what} are right, and changed ones are found out`, async () => {
    for (const kernels of ["cpu", "gpu"] as const) {
      const [{ choice }] = chosenBy(() => make(kernels));
      const bench = new Bench(device), problem = choice.problem("small");
      const checker = await Checker.of(problem, device, bench);
      const offers = choice.offers();
      for (const tile of offers.filter((_, i) => i < 3 || i === offers.length - 1)) {
        assert(choice.allows(tile));
        assertEquals(await checker.fault(problem.work(tile)), null);
      }
      // Products alone: where the blocks of a sum were taken off as well, it would be right again
      const wrong = changed(
        problem.work(offers[0]),
        (text) => text.replaceAll(/\+= (?=[^;]*(?:\*|dot\())/g, "-= ").replaceAll("= fma(", "= fma(-"),
      );
      assertMatch(await checker.fault(wrong) ?? "", /must lie between|was not written/);
      bench.dispose();
    }
  });
}

Deno.test("a convolution with activation and pooling is checked whole", async () => {
  const x = noiseTensor([5, 2, 8, 8]), w = noiseTensor([3, 2, 3, 3], { seed: 3 });
  const step = compile((x: Tensor) => {
    const y = maxPool2d(x.conv2d(w, { padding: 1 }).sigmoid(), { kernelSize: 2 });
    y.sum().backward();
    w.grad = null;
    return y;
  });
  const { choice, tile } = chosenBy(() => step(x)).find(({ choice }) => choice.family === "convolution")!;
  const bench = new Bench(device), problem = choice.problem("small");
  const [{ pooling, epilogue }] = problem.outputs;
  assert(pooling?.indices && epilogue !== IDENTITY);
  const checker = await Checker.of(problem, device, bench);
  const fault = (change: (text: string) => string) => checker.fault(changed(problem.work(tile), change));
  assertEquals(await fault((text) => text), null);
  assertMatch(await fault((text) => text.replace(/ > (m\w+)\) \|/, " < $1) |")) ?? "", /^element/);
  assertMatch(
    await fault((text) => text.replace(/(indices\[.*\] = .*);/, "$1 + 1u;")) ?? "",
    /^index \d+ is/,
  );
  assertMatch(await fault((text) => text.replace(/(pooled\[.*\] = .*);/, "$1 * 1.01;")) ?? "", /^element/);
  bench.dispose();
});

Deno.test("a trial does not ask for numbers that change", async () => {
  let asked = 0;
  const shifted = defineOperation({ name: "shifted", inputs: ["x"], numbers: ["by"], forward: "x + by" });
  const a = noiseTensor([6, 8], { requiresGrad: false }), b = noiseTensor([8, 5], { requiresGrad: false });
  const step = compile((a: Tensor) => shifted(a.matmul(b), { by: () => ++asked }));
  const [{ choice, tile }] = chosenBy(() => step(a));
  assertEquals(asked, 1);
  const { kernel } = await tuneKernel({ choice, tile }, 0, () => Promise.resolve({ busy: 1, elapsed: 1 }));
  assertEquals([kernel.measured, asked], [1, 1]);
});

Deno.test("a measured tile is taken at the next call, plain or compiled, with the same bits", async () => {
  const { x, w, step, choice, tile } = convolution();
  const before = bitsOf(await step(x).data()), { captures } = step;
  const other = choice.offers().find((t) => JSON.stringify(t) !== JSON.stringify(tile))!;
  const measured = { family: choice.family, key: choice.key, size: choice.size, tile: other };
  tuning.add([measured]);
  assertEquals(chosenBy(() => step(x)).map((c) => c.tile), [other]);
  assertEquals(step.captures, captures + 1);
  assertEquals(bitsOf(await step(x).data()), before);
  assertEquals(step.captures, captures + 1);
  tuning.clear();
  const plain = chosenBy(() => x.conv2d(w.detach()))[0], size = plain.choice.size;
  const another = plain.choice.offers().find((t) => JSON.stringify(t) !== JSON.stringify(plain.tile))!;
  tuning.add([{ family: plain.choice.family, key: plain.choice.key, size, tile: another }]);
  assertEquals(chosenBy(() => x.conv2d(w.detach()))[0].tile, another);
  tuning.add([{ ...measured, tile: { ...other, cols: 0 } }]); // no such tile: it would never end
  assertEquals(chosenBy(() => step(x)).map((c) => c.tile), [tile]);
  tuning.clear();
});

Deno.test("a tile of a product serves smaller batches, not larger ones", () => {
  const b = noiseTensor([8, 12], { requiresGrad: false });
  const product = (rows: number) =>
    chosenBy(() => noiseTensor([rows, 8], { requiresGrad: false }).matmul(b))[0];
  const { choice, tile } = product(40);
  const other = choice.offers().find((t) => JSON.stringify(t) !== JSON.stringify(tile))!;
  tuning.add([{ family: choice.family, key: choice.key, size: choice.size, tile: other }]);
  assertEquals([40, 3, 41].map((rows) => product(rows).tile === other), [true, true, false]);
  tuning.clear();
});

Deno.test("autotune() tunes a training step, keeps it in a file, and does not measure it again", async () => {
  const net = new nn.Sequential(
    new nn.Conv2d(1, 2, 3),
    new nn.Tanh(),
    new nn.Flatten(),
    new nn.Linear(32, 3),
  );
  const opt = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const step = compile((x: Tensor, y: Tensor) => {
    opt.zeroGrad();
    const loss = crossEntropy(net.forward(x), y);
    loss.backward();
    opt.step();
    return loss;
  });
  const x = noiseTensor([6, 1, 6, 6], { requiresGrad: false }), y = tensor(Int32Array.of(0, 1, 2, 0, 1, 2));
  const first = await step(x, y).item();
  const folder = await Deno.makeTempDir(), file = `${folder}/new/tuning.json`;
  const kernels = [
    "conv2d 1→2 3x3",
    "conv2d dw 1→2 3x3",
    "linear 6x32x3",
    "linear dw 3x6x32",
    "linear dx 6x3x32",
  ];
  const seen: string[] = [];
  const onProgress = (p: { kernel: string; total: number }) => void seen.push(`${p.kernel} of ${p.total}`);
  const report = await autotune(() => step(x, y), { seconds: 600, file, onProgress });
  assertEquals(report.kernels.map((k) => k.kernel).sort(), kernels);
  assertEquals(seen.toSorted(), kernels.map((name) => `${name} of 5`));
  assertEquals([report.left, report.file, report.kernels.flatMap((k) => k.dropped)], [0, file, []]);
  assert(report.kernels.every((k) => k.before > 0 && k.after <= k.before && k.measured > 1));
  assert(await step(x, y).item() < first);

  tuning.clear();
  assertEquals(await loadTuning(file), 5);
  const tiles = tuning.tiles;
  const again = await autotune(() => step(x, y), { file });
  assertEquals([again.kernels, again.left, again.file], [[], 0, null]);
  tuning.clear();
  assertEquals((await autotune(() => step(x, y), { file })).kernels, []); // it reads the file itself
  assertEquals(tuning.tiles, tiles);
  tuning.clear();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("autotune() refuses what it cannot do, and listens no longer", async () => {
  const messageOf = async (fn: () => unknown, options = {}) => {
    const error = await assertRejects(() => autotune(fn, { file: null, ...options }));
    return `${(error as Error).name}: ${(error as Error).message}`;
  };
  assertEquals(
    await messageOf(() => Promise.resolve()),
    "TypeError: Cannot autotune a function as it must not be async: it returned a promise",
  );
  assertEquals(
    await messageOf(() => {}, { seconds: NaN }),
    "RangeError: Cannot autotune as seconds must be a number from 0 up: NaN",
  );
  const folder = await Deno.makeTempDir(), file = `${folder}/tuning.json/x`;
  await Deno.writeTextFile(`${folder}/tuning.json`, "");
  assertMatch(
    await messageOf(() => {}, { file }),
    /^Error: Cannot autotune into .* as it must be readable and writable \(or file be null\): /,
  );
  assertEquals(await messageOf(() => tensor(1).reshape([2])).then((m) => /reshape/.test(m)), true);
  assertEquals(tuning.listener, null);
  await Deno.remove(folder, { recursive: true });
});
