import { assert, assertEquals } from "@std/assert";
import { gradcheck, nn, openDevice, type Tensor, tensor, zeros } from "../../mod.ts";
import { assertClose, assertRefuses, noiseTensor } from "../support/values.ts";

const device = await openDevice();
const { clipGradNorm, clipGradValue, parametersToVector, vectorToParameters } = nn.utils;

function withGradients(...gradients: (number[] | null)[]): Tensor[] {
  return gradients.map((g) => {
    const p = zeros([g?.length ?? 2], { requiresGrad: true });
    if (g) p.grad = tensor(g, { shape: [g.length] });
    return p;
  });
}

const gradientsOf = async (params: Tensor[]) =>
  (await Promise.all(params.map((p) => p.grad?.data() ?? []))).flatMap((g) => [...g]);

// PyTorch 1.13: torch.nn.utils.clip_grad_norm_ over gradients [3, -4] and [12], and none of a third parameter
const NORMS = [
  {
    normType: 2,
    maxNorm: 1,
    total: 13,
    scaled: [0.23076921701431274, -0.307692289352417, 0.923076868057251],
  },
  {
    normType: 1,
    maxNorm: 2,
    total: 19,
    scaled: [0.31578943133354187, -0.42105257511138916, 1.2631577253341675],
  },
  {
    normType: Infinity,
    maxNorm: 6,
    total: 12,
    scaled: [1.4999998807907104, -1.9999998807907104, 5.999999523162842],
  },
  {
    normType: 3,
    maxNorm: 1,
    total: 12.207056999206543,
    scaled: [0.24575945734977722, -0.32767927646636963, 0.9830378293991089],
  },
  {
    normType: 0.5,
    maxNorm: 1,
    total: 51.78461456298828,
    scaled: [0.05793226510286331, -0.07724302262067795, 0.23172906041145325],
  },
  { normType: 2, maxNorm: 20, total: 13, scaled: [3, -4, 12] },
];

for (const { normType, maxNorm, total, scaled } of NORMS) {
  Deno.test(`clipGradNorm() scales to a ${normType}-norm of ${maxNorm} as PyTorch does`, async () => {
    const params = withGradients([3, -4], null, [12]);
    const norm = clipGradNorm(params, maxNorm, { normType });
    assertEquals(norm.shape, []);
    assertClose([await norm.item()], [total], { rtol: 1e-6 });
    assertClose(await gradientsOf(params), scaled, { rtol: 1e-6 });
    assertEquals(params[1].grad, null);
  });
}

Deno.test("clipGradNorm() takes the 2-norm unless told, and one tensor as well", async () => {
  const [p] = withGradients([3, 4]);
  assertClose([await clipGradNorm(p, 10).item()], [5], { rtol: 1e-6 });
});

Deno.test("clipGradNorm() reads nothing back, and takes four dispatches for LeNet's ten gradients", () => {
  const sizes = [150, 6, 2400, 16, 48000, 120, 10080, 84, 840, 10];
  const params = sizes.map((n) => {
    const p = zeros([n], { requiresGrad: true });
    p.grad = zeros([n]);
    return p;
  });
  const before = device.queue.dispatches;
  clipGradNorm(params, 1);
  // Powers, their sum, its root, the scaling; a GPU's partial sums are added up in two passes. Powers and scaling bind all
  // gradients and one buffer more: where the adapter binds fewer they take more dispatches.
  const parts = Math.ceil(10 / (Math.min(11, device.limits.maxStorageBuffersPerShaderStage) - 1));
  assert(device.queue.dispatches - before <= 5 + 2 * (parts - 1));
});

Deno.test("clipGradNorm() of large gradients is right in every element", async () => {
  const g = Float32Array.from({ length: 100_003 }, (_, i) => (i % 7) - 3);
  const p = zeros([g.length], { requiresGrad: true });
  p.grad = tensor(g);
  assertClose([await clipGradNorm([p], 2).item()], [632.468971570938], { rtol: 1e-6 }); // sqrt(400017)
  assertClose(await p.grad.data(), g.map((v) => v * 2 / 632.468971570938), { rtol: 1e-6 });
});

Deno.test("clipGradNorm() passes NaN and infinity on as PyTorch does", async () => {
  for (const normType of [1, 2, 3, Infinity]) {
    const nan = withGradients([1, NaN], [2]);
    assertEquals(await clipGradNorm(nan, 1, { normType }).item(), NaN);
    assertEquals(await gradientsOf(nan), [NaN, NaN, NaN]);
    const infinite = withGradients([1, -Infinity], [2]);
    assertEquals(await clipGradNorm(infinite, 1, { normType }).item(), Infinity);
    assertEquals(await gradientsOf(infinite), [0, NaN, 0]);
  }
});

Deno.test("clipGradNorm() of no gradients, and of empty ones, is 0", async () => {
  for (const params of [[], withGradients(null), withGradients([])]) {
    for (const normType of [2, Infinity]) {
      assertEquals(await clipGradNorm(params, 1, { normType }).item(), 0);
    }
  }
});

Deno.test("clipGradNorm() refuses a norm of no order", () => {
  const refuse = (normType: number) =>
    assertRefuses(
      () => clipGradNorm([], 1, { normType }),
      RangeError,
      `Cannot apply clipGradNorm as normType must be above 0, and its inverse a number of float32: ${normType}`,
    );
  [0, -1, NaN].forEach(refuse);
});

Deno.test("clipGradValue() clips each element, and lets NaN be", async () => {
  const params = withGradients([3, -4, 0.5, NaN], null, [Infinity, -Infinity, -0.25, 2, -2]);
  clipGradValue(params, 2);
  assertEquals(await gradientsOf(params), [2, -2, 0.5, NaN, 2, -2, -0.25, 2, -2]);
});

Deno.test("parametersToVector() and vectorToParameters() are each other's reverse", async () => {
  const params = [tensor([[1, 2, 3], [4, 5, 6]]), tensor(7), zeros([0, 2]), tensor([8, 9])];
  params[0].requiresGrad = true;
  const vector = parametersToVector(params);
  assertEquals(await vector.toArray(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  vectorToParameters(vector.detach().mul(10), params);
  const got = await Promise.all(params.map((p) => p.toArray()));
  assertEquals(got, [[[10, 20, 30], [40, 50, 60]], 70, [], [80, 90]]);
});

Deno.test("gradients flow through parametersToVector()", async () => {
  const inputs = [
    noiseTensor([2, 3], { seed: 1 }),
    noiseTensor([], { seed: 2 }),
    noiseTensor([3], { seed: 3 }),
  ];
  await gradcheck((...all: Tensor[]) => parametersToVector(all), inputs);
});

Deno.test("parametersToVector() and vectorToParameters() refuse what does not fit", () => {
  assertRefuses(
    () => parametersToVector([]),
    RangeError,
    "Cannot apply parametersToVector as there must be parameters: none were given",
  );
  const refuse = (vector: Tensor, shape: string) =>
    assertRefuses(
      () => vectorToParameters(vector, [zeros([2, 2]), zeros([])]),
      RangeError,
      `Cannot apply vectorToParameters as the vector must have the 5 elements of the parameters: its shape is ${shape}`,
    );
  refuse(zeros([4]), "[4]");
  refuse(zeros([5, 1]), "[5, 1]");
});
