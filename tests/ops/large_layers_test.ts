// What moves elements, and the layers, with more than 4,194,304 elements and more than 65,535 rows, images or planes.
import { assertEquals } from "@std/assert";
import { cat, compile, embedding, openDevice, scope, stack, type Tensor, tensor, where } from "../../mod.ts";
import { assertClose } from "../support/values.ts";

await openDevice();

/** Rows and columns of more than 4,194,304 elements; no size is a multiple of 4. */
const [R, C] = [70_001, 61];
const N = R * C;

/** Whole numbers from 0 to 100 in no order. */
const hundred = (i: number) => (Math.imul(i, 0x9e3779b1) >>> 8) % 101;
const values = Float32Array.from({ length: N }, (_, i) => hundred(i));

/** Each makes a tensor of [R, C]; `at` says which element of the input is at a row and column of the result. */
const MOVES: readonly [name: string, move: (x: Tensor) => Tensor, at: (r: number, c: number) => number][] = [
  ["flip", (x) => x.flip(0), (r, c) => (R - 1 - r) * C + c],
  [
    "transpose",
    (x) => x.transpose(0, 1).reshape([R, C]),
    (r, c) => ((r * C + c) % R) * C + Math.floor((r * C + c) / R),
  ],
  [
    "cat",
    (x) => cat([x.slice({ dim: 0, start: 5 }), x.slice({ dim: 0, end: 5 })]),
    (r, c) => ((r + 5) % R) * C + c,
  ],
  ["cat", (x) => cat(x.split([60, 1], { dim: 1 }).toReversed(), { dim: 1 }), (r, c) => r * C + (c + 60) % C],
  [
    "stack",
    (x) => stack(x.unsqueeze(2).split(1, { dim: 2 }), { dim: 0 }).reshape([R, C]),
    (r, c) => r * C + c,
  ],
  ["pad", (x) => x.slice({ dim: 1, start: 1 }).pad([0, 1]), (r, c) => (c === C - 1 ? -1 : r * C + c + 1)],
  ["select", (x) => x.select(1, 7).unsqueeze(1).expand([R, C]), (r) => r * C + 7],
  [
    "where",
    (x) => where(x.gt(50), x, x.flip(1)),
    (r, c) => (hundred(r * C + c) > 50 ? r * C + c : r * C + C - 1 - c),
  ],
  [
    "gather",
    (x) => x.gather(x.argmax({ dim: 1, keepdim: true }).mul(0).add(3), { dim: 1 }).expand([R, C]),
    (r) => r * C + 3,
  ],
];

for (const [name, move, at] of MOVES) {
  Deno.test(`${name}() puts each of 4,270,061 elements in its place, and its gradient back`, async () => {
    using _ = scope();
    const x = tensor(values, { shape: [R, C], requiresGrad: true }), y = move(x);
    y.backward(x.detach());
    const [moved, dx] = await Promise.all([y.data(), x.grad!.data()]), gradient = new Float32Array(N);
    let wrong = 0;
    for (let r = 0; r < R; r++) {
      for (let c = 0; c < C; c++) {
        const from = at(r, c);
        if (moved[r * C + c] !== (values[from] ?? 0)) wrong++;
        if (from >= 0) gradient[from] += values[r * C + c];
      }
    }
    assertEquals([wrong, dx.findIndex((v, i) => v !== gradient[i])], [0, -1]);
  });
}

Deno.test("linear() takes 70,001 rows, and adds their gradients up", async () => {
  using _ = scope();
  const x = tensor(values, { shape: [R, C] }),
    weight = tensor(Float32Array.from({ length: 2 * C }, (_, i) => hundred(i)), {
      shape: [2, C],
      requiresGrad: true,
    });
  const bias = tensor([1, 2], { requiresGrad: true }), y = x.linear(weight, { bias });
  y.sum().backward();
  const got = await y.data(), sums = new Float64Array(C);
  let wrong = 0;
  for (let r = 0; r < R; r++) {
    let [a, b] = [1, 2];
    for (let c = 0; c < C; c++) {
      const v = values[r * C + c];
      a += v * hundred(c);
      b += v * hundred(C + c);
      sums[c] += v;
    }
    if (got[2 * r] !== a || got[2 * r + 1] !== b) wrong++; // whole numbers below 2^24
  }
  assertEquals([wrong, await bias.grad!.toArray()], [0, [R, R]]);
  assertClose((await weight.grad!.data()).subarray(0, C), sums, { rtol: 1e-6 });
});

Deno.test("convolution, batch normalisation and pooling take 70,001 images", async () => {
  using _ = scope();
  const pixels = values.subarray(0, 16 * R);
  const x = tensor(pixels, { shape: [R, 1, 4, 4], requiresGrad: true });
  const weight = tensor([1, 0, 0, 2], { shape: [1, 1, 2, 2] }); // the pixel and twice that below to the right
  const y = x.conv2d(weight), top = y.maxPool2d({ kernelSize: 3 }), mean = y.avgPool2d({ kernelSize: 3 });
  const normal = x.batchNorm2d({ training: true, eps: 0 });
  top.sum().backward();
  const [tops, means, normals, dx] = await Promise.all([top, mean, normal, x.grad!].map((t) => t.data()));
  const average = pixels.reduce((a, b) => a + b, 0) / pixels.length;
  const deviation = Math.sqrt(pixels.reduce((a, b) => a + (b - average) ** 2, 0) / pixels.length);
  let wrong = 0;
  for (let n = 0; n < R; n++) {
    const sums = Array.from({ length: 9 }, (_, k) => {
      const at = 16 * n + 4 * Math.floor(k / 3) + k % 3;
      return pixels[at] + 2 * pixels[at + 5];
    });
    const first = sums.indexOf(Math.max(...sums)), at = 16 * n + 4 * Math.floor(first / 3) + first % 3;
    const total = sums.reduce((a, b) => a + b, 0);
    if (tops[n] !== sums[first] || Math.abs(means[n] - total / 9) > 1e-4) wrong++;
    if (dx[at] !== 1 || dx[at + 5] !== 2) wrong++;
  }
  assertEquals([wrong, Float32Array.from(dx).reduce((a, b) => a + b, 0)], [0, 3 * R]);
  assertClose(normals, pixels.map((v) => (v - average) / deviation), { atol: 1e-5 });
});

Deno.test("embedding() looks 70,001 rows up in a table of as many, and adds their gradients up", async () => {
  using _ = scope();
  const table = tensor(values, { shape: [R, C], requiresGrad: true });
  const places = Int32Array.from({ length: R }, (_, r) => Math.imul(r, 31) % R >> 1);
  const y = embedding(tensor(places), table);
  y.sum().backward();
  const [got, dx] = await Promise.all([y.data(), table.grad!.data()]), counts = new Int32Array(R);
  for (const place of places) counts[place]++;
  assertEquals(got.findIndex((v, i) => v !== values[places[Math.floor(i / C)] * C + i % C]), -1);
  assertEquals(dx.findIndex((v, i) => v !== counts[Math.floor(i / C)]), -1);
});

Deno.test("a compiled chain reaches every one of 4,270,061 elements", async () => {
  using _ = scope();
  const x = tensor(values, { shape: [R, C], requiresGrad: true });
  const f = compile((x: Tensor) => {
    x.clearGrad();
    const y = x.mul(2).add(x.select(1, 0).unsqueeze(1)).relu();
    y.sum().backward();
    return y;
  });
  const y = await f(x).data(), dx = await x.grad!.data();
  assertEquals(y.findIndex((v, i) => v !== 2 * values[i] + values[i - i % C]), -1);
  const zero = (i: number) => values[i] === 0 && values[i - i % C] === 0;
  let wrong = 0;
  for (let r = 0; r < R; r++) {
    let first = 2 * Number(!zero(r * C));
    for (let c = 0; c < C; c++) {
      first += Number(!zero(r * C + c));
      if (c > 0 && dx[r * C + c] !== 2 * Number(!zero(r * C + c))) wrong++;
    }
    if (dx[r * C] !== first) wrong++;
  }
  assertEquals(wrong, 0);
});
