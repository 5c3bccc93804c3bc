// Values that were taken once, and trained on silently, hung or failed deep inside: each is refused where it is given.
import { assertEquals, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import * as plunge from "../mod.ts";
import { Accumulator, nn, ones, openDevice, optim, randn, type Tensor, tensor, zeros } from "../mod.ts";

const device = await openDevice();
const { lrScheduler } = optim;

const x = ones([2, 3]), image = ones([1, 1, 4, 4]);
const w = tensor([1, 2], { requiresGrad: true });
// deno-lint-ignore no-explicit-any
const loose = plunge as any;

type Row = readonly [call: () => unknown, type: typeof TypeError | typeof RangeError, message: string];

function assertAllRefused(rows: readonly Row[]): void {
  for (const [call, type, message] of rows) {
    const begun = performance.now();
    const error = assertThrows(call, type, undefined, String(call)) as Error;
    assertEquals(error.message, message);
    assertLess(performance.now() - begun, 1000, `${call} took long to refuse`);
  }
}

Deno.test("eps is a finite number from 0 up, in layers, operations and optimisers", () => {
  const eps = (action: string, found: string) =>
    `Cannot ${action} as eps must be a finite number from 0 up: ${found}`;
  const rows: Row[] = [-1, NaN, Infinity].flatMap((value): Row[] => [
    [() => new nn.LayerNorm(3, { eps: value }), RangeError, eps("make LayerNorm", `${value}`)],
    [() => new nn.GroupNorm(1, 3, { eps: value }), RangeError, eps("make GroupNorm", `${value}`)],
    [() => new nn.BatchNorm1d(3, { eps: value }), RangeError, eps("make BatchNorm1d", `${value}`)],
    [() => new nn.BatchNorm2d(3, { eps: value }), RangeError, eps("make BatchNorm2d", `${value}`)],
    [() => x.layerNorm({ normalizedShape: [3], eps: value }), RangeError, eps("apply layerNorm", `${value}`)],
    [() => image.groupNorm(1, { eps: value }), RangeError, eps("apply groupNorm", `${value}`)],
    [() => x.batchNorm1d({ eps: value, training: true }), RangeError, eps("apply batchNorm1d", `${value}`)],
    [
      () => image.batchNorm2d({ eps: value, training: true }),
      RangeError,
      eps("apply batchNorm2d", `${value}`),
    ],
  ]);
  assertAllRefused(rows);
  for (const Class of [optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad]) {
    for (const value of [-1, NaN, Infinity]) {
      assertThrows(
        () => new Class([w], { eps: value }),
        RangeError,
        `Cannot make ${Class.name} as eps must be `,
      );
    }
  }
});

Deno.test("an optimiser's numbers are finite", () => {
  const finite = (action: string, name: string, found: string) =>
    `Cannot ${action} as ${name} must be a finite number: ${found}`;
  assertAllRefused([
    [() => new optim.SGD([w], { lr: Infinity }), RangeError, finite("make SGD", "lr", "Infinity")],
    [() => new optim.SGD([w], { lr: NaN }), RangeError, finite("make SGD", "lr", "NaN")],
    [() => new optim.SGD([w], { lr: "0.1" as never }), TypeError, finite("make SGD", "lr", '"0.1"')],
    [() => new optim.SGD([w], { dampening: NaN }), RangeError, finite("make SGD", "dampening", "NaN")],
    [() => new optim.Adam([w], { lr: Infinity }), RangeError, finite("make Adam", "lr", "Infinity")],
    [
      () => new optim.Adam([{ params: [w], lr: Infinity }]),
      RangeError,
      finite("add a parameter group", "lr", "Infinity"),
    ],
    [
      () => new optim.RMSprop([w], { centered: [] as never }),
      TypeError,
      "Cannot make RMSprop as centered must be true or false: []",
    ],
  ]);
});

Deno.test("clipping takes norms and values from 0 up", () => {
  w.grad = tensor([3, 4]);
  const norm = (found: string) => `Cannot apply clipGradNorm as maxNorm must be a number from 0 up: ${found}`;
  assertAllRefused([
    [() => nn.utils.clipGradNorm([w], -1), RangeError, norm("-1")],
    [() => nn.utils.clipGradNorm([w], NaN), RangeError, norm("NaN")],
    [
      () => nn.utils.clipGradValue([w], -1),
      RangeError,
      "Cannot apply clipGradValue as clipValue must be a number from 0 up: -1",
    ],
  ]);
});

Deno.test("sizes of the wrong count, layers that are none, and numbers that are not whole are refused", () => {
  const size = "a whole number from 0 up or null, or two: [2, 2, 2]";
  const modules = "Cannot make Sequential as modules must be an array of modules or an object of modules: ";
  const three = [2, 2, 2] as never, hole = [, 1] as never;
  const { Sequential, ModuleList, ReLU, Linear } = loose.nn;
  assertAllRefused([
    [
      () => image.adaptiveAvgPool2d({ outputSize: three }),
      RangeError,
      `Cannot apply adaptiveAvgPool2d as outputSize must be ${size}`,
    ],
    [
      () => new nn.AdaptiveAvgPool2d(three),
      RangeError,
      `Cannot make AdaptiveAvgPool2d as outputSize must be ${size}`,
    ],
    [() => new Sequential(() => 1, ReLU, undefined), TypeError, `${modules}[a function, a class, undefined]`],
    [() => new Sequential(new ReLU(), undefined), TypeError, `${modules}[a ReLU, undefined]`],
    [() => new ModuleList([1]), TypeError, "Cannot append a module as module must be a module: 1"],
    [
      () => new ModuleList([undefined]),
      TypeError,
      "Cannot append a module as module must be a module: undefined",
    ],
    [
      () => new Linear(3, 1.5),
      RangeError,
      "Cannot make Linear as outFeatures must be a whole number from 0 up: 1.5",
    ],
    [() => x.clamp({ min: x as never }), TypeError, "Cannot apply clamp as min must be a number: a Tensor"],
    [() => loose.logicalAnd(x, 1), TypeError, "Cannot apply logicalAnd as b must be a tensor: 1"],
    [
      () => image.maxPool2d({ kernelSize: 2, stride: hole }),
      TypeError,
      "Cannot apply maxPool2d as stride must be a whole number from 1 up, or two: [undefined, 1]",
    ],
    [
      () => zeros(hole),
      TypeError,
      "Cannot apply zeros as shape must be an array of whole numbers from 0 up: [undefined, 1]",
    ],
    [
      () => x.sum(hole),
      TypeError,
      "Cannot apply sum as its options must be an object such as { dim: 1 }: [undefined, 1]",
    ],
    [
      () => x.permute(hole),
      TypeError,
      "Cannot apply permute as dims must be an array of whole numbers: [undefined, 1]",
    ],
  ]);
  assertEquals(Number.isFinite(device.memory().bytesInUse), true);
});

Deno.test("loadStateDict() lists every name that the module lacks, whatever objects inherit", () => {
  const net = new nn.Linear(1, 1), one = ones([1]);
  const record: Record<string, Tensor> = { ...net.stateDict(), constructor: one, toString: one };
  Object.defineProperty(record, "__proto__", { value: one, enumerable: true });
  const { missingKeys, unexpectedKeys } = net.loadStateDict(record, { strict: false });
  assertEquals([missingKeys, unexpectedKeys], [[], ["constructor", "toString", "__proto__"]]);
  assertThrows(() => net.loadStateDict(record), RangeError, "unexpected [constructor, toString, __proto__]");
  assertEquals(net.loadStateDict({ constructor: one }, { strict: false }).missingKeys, ["weight", "bias"]);
});

Deno.test("truncNormal() refuses at once what it could not draw", () => {
  const mean = (found: string) => `Cannot fill with truncNormal as mean must be a finite number: ${found}`;
  const fill = (options: object) => () => nn.init.truncNormal(zeros([3]), options);
  assertAllRefused([
    [fill({ mean: NaN }), RangeError, mean("NaN")],
    [fill({ mean: Infinity }), RangeError, mean("Infinity")],
    [fill({ mean: "abc" }), TypeError, mean('"abc"')],
    [
      fill({ mean: 1e300 }),
      RangeError,
      "Cannot fill with truncNormal as a to b must lie within 1e154 std of the mean: mean 1e+300, std 1, a -2, b 2",
    ],
    [
      fill({ a: NaN }),
      RangeError,
      "Cannot fill with truncNormal as std must be above 0 and a below b: std 1, a NaN, b 2",
    ],
  ]);
});

Deno.test("what is too large is refused before arrays are made for it", () => {
  const { maxStorageBufferBindingSize: most } = device.limits;
  const size = (bytes: number) =>
    `Cannot allocate a tensor as this adapter binds at most ${most} bytes: ${bytes} bytes`;
  assertAllRefused([
    [() => plunge.arange(1e9), RangeError, size(4e9)],
    [() => plunge.linspace(0, 1, 2 ** 31), RangeError, size(2 ** 33)],
    [() => randn([1e9]), RangeError, size(4e9)],
    [() => plunge.rand([1e9]), RangeError, size(4e9)],
    [() => plunge.eye(1e6), RangeError, size(4e12)],
    [() => image.interpolate({ size: 2 ** 31 }), RangeError, size(2 ** 33)],
    [() => image.interpolate({ scaleFactor: 1e9 }), RangeError, size(16e9)],
    [() => image.pad([2 ** 31, 0]), RangeError, size(4 * 4 * (2 ** 31 + 4))],
    [
      () => new Accumulator(2 ** 31),
      RangeError,
      "Cannot make an Accumulator as n must be a whole number from 0 to 1048576: 2147483648",
    ],
  ]);
});

Deno.test("a rate that becomes NaN, undefined or text is refused at the step, and nothing is changed", async () => {
  const p = tensor([1], { requiresGrad: true }), opt = new optim.SGD([p], { lr: 0.5 });
  const spoil = (lr: unknown) => () => {
    p.grad = tensor([1]);
    opt.paramGroups[0].lr = lr as number;
    opt.step();
  };
  const message = "Cannot step SGD as lr must be a finite number: ";
  assertAllRefused([
    [spoil(NaN), RangeError, `${message}NaN`],
    [spoil(Infinity), RangeError, `${message}Infinity`],
    [spoil(undefined), TypeError, `${message}undefined`],
    [spoil("0.5"), TypeError, `${message}"0.5"`],
  ]);
  assertEquals(await p.toArray(), [1]);
  spoil(0.5)();
  assertEquals(await p.toArray(), [0.5]);
});

Deno.test("a captured step refuses a spoilt rate too", async () => {
  const p = tensor([1], { requiresGrad: true }), opt = new optim.Adam([p], { lr: 0.5 });
  const step = plunge.compile(() => {
    opt.zeroGrad();
    p.sum().backward();
    opt.step();
  });
  step();
  opt.paramGroups[0].lr = NaN;
  assertThrows(() => step(), RangeError, "Cannot step Adam as lr must be a finite number: NaN");
  opt.paramGroups[0].lr = 0.25;
  step();
  assertEquals(Math.abs((await p.data())[0] - 0.25) < 1e-5, true);
});

Deno.test("a schedule whose rate is no number is refused where it is made or stepped", () => {
  const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
  const lambda = (value: unknown) => () => new lrScheduler.LambdaLR(opt, { lrLambda: () => value as number });
  const gives = "Cannot step LambdaLR as what lrLambda gives must be a finite number: ";
  const schedule = new lrScheduler.LambdaLR(opt, { lrLambda: (epoch) => epoch === 0 ? 1 : NaN });
  assertAllRefused([
    [lambda(undefined), TypeError, `${gives}undefined`],
    [lambda("2"), TypeError, `${gives}"2"`],
    [() => schedule.step(), RangeError, `${gives}NaN`],
    [
      () => new lrScheduler.StepLR(opt, { stepSize: 1, gamma: NaN }).step(),
      RangeError,
      "Cannot step StepLR as its rate must be a finite number: NaN",
    ],
  ]);
  assertEquals(opt.paramGroups[0].lr, 1);
});

Deno.test("ConstantLR and LinearLR of no steps keep their first factor, as in PyTorch", () => {
  for (const Class of [lrScheduler.ConstantLR, lrScheduler.LinearLR]) {
    const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 3 });
    const schedule = new Class(opt, { totalIters: 0 }), rates = [opt.paramGroups[0].lr];
    for (let step = 0; step < 3; step++) {
      schedule.step();
      rates.push(opt.paramGroups[0].lr);
    }
    assertEquals(rates, [1, 1, 1, 1]);
  }
});

Deno.test("an optimiser without parameters says where a module has them", () => {
  class Hidden extends nn.Module {
    #layer = new nn.Linear(2, 2);
    override forward(x: Tensor): Tensor {
      return this.#layer.forward(x);
    }
  }
  assertThrows(
    () => new optim.SGD(new Hidden().parameters()),
    RangeError,
    "Cannot make an optimiser as there must be parameters: none were given (a module has those in its fields, not in " +
      "#private ones)",
  );
});

Deno.test("optimisers and schedules print as text of a few lines", () => {
  const opt = new optim.Adam([{ params: [w], lr: 0.5 }, { params: [ones([1], { requiresGrad: true })] }]);
  const group = (k: number, lr: number) =>
    `Parameter Group ${k}\n    amsgrad: False\n    betas: (0.9, 0.999)\n    eps: 1e-8\n    lr: ${lr}\n` +
    `    maximize: False\n    weightDecay: 0\n`;
  const text = `Adam (\n${group(0, 0.5)}${group(1, 0.001)})`;
  assertEquals([String(opt), Deno.inspect(opt)], [text, text]);
  const schedule = new lrScheduler.StepLR(opt, { stepSize: 2 });
  schedule.step();
  const plateau = new lrScheduler.ReduceLROnPlateau(opt);
  assertEquals(Deno.inspect(schedule), "StepLR(lastEpoch=1, lastLr=[0.5, 0.001])");
  assertEquals(Deno.inspect(plateau), "ReduceLROnPlateau(lastEpoch=0, lastLr=[0.5, 0.001])");
});

Deno.test("structuredClone() of a tensor is a description of it, no tensor", () => {
  const copy = structuredClone(x);
  assertEquals(copy, { shape: [2, 3], dtype: "float32", size: 6 } as never);
  assertThrows(
    () => loose.relu(copy),
    TypeError,
    "Cannot apply relu as x must be a tensor: { shape, dtype, size }",
  );
  assertStrictEquals(JSON.stringify(x), '{"shape":[2,3],"dtype":"float32","size":6}');
});
