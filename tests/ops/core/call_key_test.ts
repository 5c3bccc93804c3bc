import { assert, assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  cat,
  compile,
  conv2d,
  convTranspose2d,
  crossEntropy,
  embedding,
  gather,
  interpolate,
  linear,
  matmul,
  maxPool2d,
  nn,
  openDevice,
  pad,
  scope,
  type Tensor,
  tensor,
  topk,
} from "../../../mod.ts";
import type { Call } from "../../../ops/core/call.ts";
import { callKey } from "../../../ops/core/call_key.ts";
import { capture } from "../../../ops/core/compile/capture.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import type { Work } from "../../../ops/gpu/work.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

const device = await openDevice();

function nothing(): Work {
  return { dispatches: [], temporaries: [] };
}

/** A call that reads two storages of 16 bytes and writes one, with `data` made of them. */
function callOf(data: (reads: Storage[], y: Storage) => object, same = false, bytes = 16): Call {
  const reads = [new Storage(device, bytes), new Storage(device, bytes)], y = new Storage(device, 16);
  if (same) reads[1] = reads[0];
  return { name: "test", reads, writes: [y], data: data(reads, y), lower: nothing };
}

callKey(callOf(() => ({}))); // no function is new from here on

/** Values of which no two are the same. */
const VALUES: unknown[] = [
  0,
  -0,
  1,
  10,
  NaN,
  Infinity,
  -Infinity,
  1e-7,
  "0",
  "1",
  "",
  "1,",
  'a"1:b',
  true,
  false,
  "true",
  null,
  "null",
  undefined,
  [],
  [0],
  [[0]],
  [0, 1],
  [[0], [1]],
  [[0, 1]],
  [null],
  "[]",
  {},
  { a: 0 },
  { b: 0 },
  { a: 1 },
  { a: 0, b: 0 },
  { a: { b: 0 } },
  ["a", "b"],
  ["ab"],
  ["a,b"],
];

Deno.test("callKey() tells all values apart", () => {
  const keys = VALUES.map((value) => callKey(callOf(() => ({ value }))));
  assertEquals(keys, VALUES.map((value) => callKey(callOf(() => ({ value })))));
  assertEquals(new Set(keys).size, VALUES.length);
});

Deno.test("callKey() tells where which storage stands, and not which one it is", () => {
  const forms: (() => Call)[] = [
    () => callOf(([a, b]) => ({ a, b })),
    () => callOf(([a, b]) => ({ a: b, b: a })),
    () => callOf(([a]) => ({ a, b: a })),
    () => callOf(([a], y) => ({ a, b: y })),
    () => callOf(([a]) => ({ a, b: null })),
    () => callOf(([a]) => ({ a, b: 0 })),
    () => callOf(([a, b]) => ({ a, b }), true),
    () => callOf(([a, b]) => ({ a, b }), false, 32),
    () => ({ ...callOf(([a, b]) => ({ a, b })), name: "other" }),
    () => ({ ...callOf(([a, b]) => ({ a, b })), lower: callOf }) as unknown as Call,
  ];
  callKey(forms.at(-1)!()); // the function is known
  const keys = forms.map((form) => callKey(form()));
  assertEquals(keys, forms.map((form) => callKey(form())));
  assertEquals(new Set(keys).size, forms.length);
});

Deno.test("callKey() tells functions apart, and knows none that it has not met", () => {
  const [f, g] = [() => 1, () => 1];
  const keyOf = (numbers: unknown[]) => callKey(callOf(() => ({ numbers })));
  assertEquals([keyOf([f]), keyOf([g])], [null, null]);
  assertEquals(keyOf([f]), keyOf([f]));
  assertNotEquals(keyOf([f]), keyOf([g]));
  assertEquals(keyOf([() => 1]), null);
});

Deno.test("callKey() refuses data that is not plain, and storages that the call does not name", () => {
  const t = tensor([1]);
  assertThrows(() => callKey(callOf(() => ({ t }))), TypeError, "found Tensor");
  assertThrows(() => callKey(callOf(() => ({ m: new Map() }))), TypeError, "found Map");
  const stranger = new Storage(device, 16);
  assertThrows(
    () => callKey(callOf(() => ({ stranger }))),
    TypeError,
    "Cannot run test as its data must be plain, with storages that it reads or writes: found a storage that",
  );
});

/** Operations in two forms, of the same input sizes where the second differs in an option. */
const OPERATIONS: Record<string, (x: Tensor) => [Tensor, Tensor]> = {
  "matmul": (
    x,
  ) => [matmul(x.reshape([24, 64]), x.reshape([64, 24])), matmul(x.reshape([16, 96]), x.reshape([96, 16]))],
  "linear": (x) => {
    const w = noiseTensor([5, 8]);
    return [linear(x, w), linear(x, w, { bias: noiseTensor([5]) })];
  },
  "conv2d": (x) => {
    const w = noiseTensor([6, 6, 3, 3]);
    return [conv2d(x, w, { padding: 1 }), conv2d(x, w, { padding: 2, dilation: 2 })];
  },
  "conv2d groups": (
    x,
  ) => [
    conv2d(x, noiseTensor([6, 3, 3, 3]), { groups: 2 }),
    conv2d(x, noiseTensor([6, 2, 3, 3]), { groups: 3 }),
  ],
  "convTranspose2d": (x) => {
    const w = noiseTensor([6, 2, 3, 3]);
    return [convTranspose2d(x, w), convTranspose2d(x, w, { stride: 2 })];
  },
  "maxPool2d": (
    x,
  ) => [maxPool2d(x, { kernelSize: 3 }), maxPool2d(x, { kernelSize: 3, stride: 2, padding: 1 })],
  "avgPool2d": (x) => [
    x.avgPool2d({ kernelSize: 3, padding: 1 }),
    x.avgPool2d({ kernelSize: 3, padding: 1, countIncludePad: false }),
  ],
  "adaptiveAvgPool2d": (
    x,
  ) => [x.adaptiveAvgPool2d({ outputSize: 3 }), x.adaptiveAvgPool2d({ outputSize: [3, 5] })],
  "sum": (x) => [x.sum({ dim: [0, 2] }), x.sum({ dim: [1, 2] })],
  "mean": (x) => [x.mean({ dim: 1 }), x.sum({ dim: 1 })],
  "var": (x) => [x.var({ dim: 1 }), x.var({ dim: 1, unbiased: false })],
  "norm": (x) => [x.norm({ dim: 1 }), x.norm({ dim: 1, p: 3 })],
  "norm at the ends": (x) => [x.norm({ dim: 1, p: Infinity }), x.norm({ dim: 1, p: -Infinity })],
  "amax": (x) => [x.amax({ dim: 1 }), x.amin({ dim: 1 })],
  "logsumexp": (x) => [x.logsumexp({ dim: 1 }), x.logsumexp({ dim: 2 })],
  "softmax": (x) => [x.softmax({ dim: 1 }), x.softmax({ dim: 2 })],
  "topk": (x) => [topk(x, 2, { dim: 3 }).values, topk(x, 2, { dim: 3, largest: false }).values],
  "gather": (x) => {
    const index = tensor(new Int32Array(64).fill(1), { shape: [4, 2, 2, 4] });
    return [gather(x, index, { dim: 1 }), gather(x, index, { dim: 2 })];
  },
  "embedding": (x) => {
    const index = tensor(Int32Array.of(1, 2, 1));
    return [embedding(index, x.reshape([96, 16])), embedding(index, x.reshape([96, 16]), { paddingIdx: 1 })];
  },
  "permute": (x) => [x.permute([1, 0, 2, 3]), x.permute([0, 1, 3, 2])],
  "pad": (x) => [pad(x, [1, 2, 0, 0], { mode: "reflect" }), pad(x, [1, 2, 0, 0], { mode: "replicate" })],
  "interpolate": (x) => [
    interpolate(x, { size: [5, 7], mode: "bilinear" }),
    interpolate(x, { size: [5, 7], mode: "bilinear", alignCorners: true }),
  ],
  "cat": (x) => [cat([x, x], { dim: 1 }), cat([x, x.neg()], { dim: 1 })],
  "clamp": (x) => [x.clamp({ min: 0.1 }), x.clamp({ min: -0.1 })],
  "numbers": (x) => [x.mul(0), x.mul(-0)],
  "numbers that are none": (x) => [x.maximum(Infinity), x.maximum(NaN)],
  "layerNorm": (x) => {
    const weight = noiseTensor([8]);
    return [x.layerNorm({ normalizedShape: [8] }), x.layerNorm({ normalizedShape: [8], weight })];
  },
  "crossEntropy": (x) => {
    const labels = tensor(Int32Array.from({ length: 192 }, (_, i) => i % 8));
    const rows = x.reshape([192, 8]);
    return [crossEntropy(rows, labels), crossEntropy(rows, labels, { labelSmoothing: 0.1 })];
  },
  "batch norm": (x) => {
    const layer = new nn.BatchNorm2d(6);
    return [layer.forward(x), layer.eval().forward(x)];
  },
};

/** Results and the gradients in x, which differ from place to place. */
function run(make: (x: Tensor) => [Tensor, Tensor], x: Tensor): Tensor[] {
  return make(x).flatMap((y) => {
    x.grad = null;
    y.backward(noiseTensor(y.shape, { seed: 5, requiresGrad: false }));
    return [y.detach(), x.grad!.clone()];
  });
}

const input = () => noiseTensor([4, 6, 8, 8]);

for (const [name, make] of Object.entries(OPERATIONS)) {
  Deno.test(`what is remembered of ${name} gives what is made anew`, async () => {
    using _ = scope();
    const x = input();
    const compiled = compile((x: Tensor) => run(make, x)); // lowers each call when it is captured
    const wanted = await Promise.all((compiled(x) as Tensor[]).map((t) => t.data()));
    for (let k = 0; k < 6; k++) {
      const got = await Promise.all(run(make, x).map((t) => t.data()));
      wanted.forEach((want, i) => assertClose(got[i], want, { atol: 1e-5, rtol: 1e-5 }));
    }
    compiled.dispose();
  });

  Deno.test(`every call of ${name} has another key when anything in its data is changed`, () => {
    using _ = scope();
    const x = input();
    for (let k = 0; k < 6; k++) run(make, x); // every function is known
    const calls = capture(() => run(make, x), ({ calls }) => calls);
    let known = 0;
    for (const call of calls) {
      const key = callKey(call);
      if (key === null) continue;
      known++;
      for (const data of changes(call.data)) assertNotEquals(callKey({ ...call, data: data as object }), key);
      assertNotEquals(callKey({ ...call, name: `${call.name} changed` }), key);
    }
    assert(known > 0);
  });

  Deno.test(`the calls of ${name} are lowered by functions that are not made for them`, () => {
    using _ = scope();
    const x = input();
    const [first, second] = [0, 1].map(() => capture(() => run(make, x), ({ calls }) => calls));
    first.forEach((call, k) => assertStrictEquals(second[k].lower, call.lower));
  });
}

/** Values that differ from `value` in one place, however deep. */
function* changes(value: unknown): Generator<unknown> {
  if (typeof value === "number") yield value === 1 ? 2 : 1;
  else if (typeof value === "string") yield `${value}+`;
  else if (typeof value === "boolean") yield !value;
  else if (value === undefined || value === null || value instanceof Storage) yield "another";
  else if (Array.isArray(value)) {
    yield [...value, 0];
    for (const [k, item] of value.entries()) for (const other of changes(item)) yield value.with(k, other);
  } else if (typeof value === "object") {
    for (const [field, item] of Object.entries(value)) {
      for (const other of changes(item)) yield { ...value, [field]: other };
    }
  }
}
