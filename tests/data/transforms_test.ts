import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  compile,
  manualSeed,
  openDevice,
  type Tensor,
  tensor,
  type Transform,
  transforms,
  zeros,
} from "../../mod.ts";
import { undisposed } from "../support/memory.ts";
import { assertClose, assertRefuses, noiseTensor } from "../support/values.ts";
import { nextStream, words } from "../../ops/core/tensor/random.ts";
import { unit } from "../../ops/kernels/wgsl/philox.ts";

const { compose, normalize, randomCrop, randomHorizontalFlip, resize } = transforms;
const device = await openDevice();

/** Images whose pixels count from 1 in each. */
function counting(n: number, c: number, h: number, w: number): Tensor {
  const data = Float32Array.from({ length: n * c * h * w }, (_, i) => 1 + i % (c * h * w));
  return tensor(data, { shape: [n, c, h, w] });
}

type Images = number[][][][];

async function images(x: Tensor): Promise<Images> {
  return await x.toArray() as Images;
}

/** The first random numbers that the next call draws, as the CPU makes them. */
function upcoming(seed: number, n: number): number[] {
  manualSeed(seed);
  const source = words(nextStream());
  manualSeed(seed);
  return Array.from({ length: n }, () => unit(source.next().value));
}

/** What a compiled call of `transform` makes of `x` three times. */
async function replays(transform: Transform, x: Tensor): Promise<ArrayLike<number>[]> {
  const compiled = compile(transform);
  const results = [await compiled(x).data(), await compiled(x).data(), await compiled(x).data()];
  assertEquals(compiled.captures, 1);
  compiled.dispose();
  return results;
}

Deno.test("normalize() subtracts each channel's mean and divides by its deviation", async () => {
  const x = tensor([0, 1, 2, 3, 4, 5, 6, 7], { shape: [2, 2, 1, 2] });
  const data = async (options: transforms.NormalizeOptions) => [...await normalize(options)(x).data()];
  assertEquals(await data({ mean: 1, std: 2 }), [-0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3]);
  assertEquals(await data({ mean: [1, 2], std: [2, 4] }), [-0.5, 0, 0, 0.25, 1.5, 2, 1, 1.25]);
  assertEquals(await data({ mean: [0, 3], std: 1 }), [0, 1, -1, 0, 4, 5, 3, 4]);
  assertEquals(await data({ mean: 0, std: [1, 0.5] }), [0, 1, 4, 6, 4, 5, 12, 14]);
});

Deno.test("normalize() agrees with PyTorch on colour images of odd size", async () => {
  // (x - mean) / std in torch, float64, of pixels i / 27
  const x = tensor(Float32Array.from({ length: 27 }, (_, i) => i / 27), { shape: [1, 3, 3, 3] });
  const y = normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })(x);
  const values = await y.data();
  const wanted = [-2.117904, -0.824034, -0.547619, 0.775132, 1.158519, 2.475391];
  assertClose([0, 8, 9, 17, 18, 26].map((i) => values[i]), wanted, { atol: 2e-6 });
});

Deno.test("resize() is PyTorch's bilinear interpolation", async () => {
  const x = tensor([1, 2, 4, 8, 16, 3, 1, -2, 0.5, 7, 9, -8, 6, 5, 2], { shape: [1, 1, 3, 5] });
  const y = async (size: number | [number, number]) => await resize({ size })(x).data();
  // torch.nn.functional.interpolate(x.double(), size, mode="bilinear", align_corners=False)
  // deno-fmt-ignore
  const sixBySeven = [
    1, 1.57142857, 2.57142857, 4, 6.85714286, 11.4285714, 16,
    1.5, 1.64285714, 1.96428571, 2.5, 5.08928571, 9.39285714, 13.75,
    2.5, 1.78571429, 0.75, -0.5, 1.55357143, 5.32142857, 9.25,
    4.5, 1.21428571, -0.892857143, 0, 1.16071429, 3.39285714, 5.75,
    7.5, -0.0714285714, -2.96428571, 4, 3.91071429, 3.60714286, 3.25,
    9, -0.714285714, -4, 6, 5.28571429, 3.71428571, 2,
  ];
  assertClose(await y([6, 7]), sixBySeven, { atol: 1e-6 });
  assertEquals([...await y(2)], [1.6875, 8.03125, -2.4375, 3.71875]);
  assertEquals([...await y(1)], [-2]);
  assertEquals(await y([3, 5]), await x.data());
});

Deno.test("resize() to the book's 224 by 224 keeps images and channels apart", async () => {
  const square = (i: number) => (i % 784) ** 2 % 255;
  const x = tensor(
    Float32Array.from({ length: 2 * 2 * 784 }, (_, i) => square(i) + 1000 * Math.floor(i / 784)),
    {
      shape: [2, 2, 28, 28],
    },
  );
  const y = resize({ size: 224 })(x), values = await y.data();
  assertEquals(y.shape, [2, 2, 224, 224]);
  for (let plane = 0; plane < 4; plane++) {
    const at = (i: number) => values[plane * 224 * 224 + i] - 1000 * plane;
    // PyTorch's values at these places, in float64
    assertClose([0, 5, 100, 224 * 224 - 1].map(at), [0, 0.1875, 145.5625, 69], { atol: 2e-4 });
  }
});

Deno.test("randomHorizontalFlip() mirrors each image by its own random number", async () => {
  const chances = upcoming(5, 40), x = counting(40, 2, 3, 5), before = await images(x);
  const after = await images(randomHorizontalFlip({ p: 0.4 })(x));
  const flipped = chances.map((r) => r < 0.4);
  assert(flipped.includes(true) && flipped.includes(false));
  assertEquals(
    after,
    before.map((image, i) => image.map((plane) => plane.map((row) => flipped[i] ? row.toReversed() : row))),
  );
});

Deno.test("randomHorizontalFlip() flips none with p 0, all with p 1, and half unless told otherwise", async () => {
  const x = counting(2000, 1, 1, 2),
    share = async (transform: Transform) => {
      const first = (await images(transform(x))).map(([[[left]]]) => left - 1);
      return first.reduce((a, b) => a + b, 0) / first.length;
    };
  manualSeed(1);
  assertEquals(await share(randomHorizontalFlip({ p: 0 })), 0);
  assertEquals(await share(randomHorizontalFlip({ p: 1 })), 1);
  assertClose([await share(randomHorizontalFlip())], [0.5], { atol: 0.05 });
});

Deno.test("randomCrop() cuts each image at its own place, zeros around it", async () => {
  const r = upcoming(8, 24), x = counting(12, 2, 4, 5), before = await images(x);
  const after = await images(randomCrop({ size: [3, 4], padding: [1, 2] })(x));
  const wanted = before.map((image, i) => {
    const top = Math.floor(r[2 * i] * 4) - 1, left = Math.floor(r[2 * i + 1] * 6) - 2;
    return image.map((plane) =>
      Array.from(
        { length: 3 },
        (_, y) => Array.from({ length: 4 }, (_, x) => plane[top + y]?.[left + x] ?? 0),
      )
    );
  });
  assertEquals(after, wanted);
});

Deno.test("randomCrop() reaches every place about as often", async () => {
  manualSeed(2);
  const crops = await images(randomCrop({ size: 2 })(counting(1600, 1, 5, 5)));
  const counts = Object.groupBy(crops, ([[[first]]]) => first);
  const places = [1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19];
  assertEquals(Object.keys(counts).map(Number), places);
  for (const place of places) assertClose([counts[place]!.length], [100], { atol: 40 });
});

Deno.test("randomCrop() of the padded image's size changes nothing", async () => {
  const x = counting(3, 1, 4, 4);
  assertEquals(await images(randomCrop({ size: 4 })(x)), await images(x));
});

for (
  const [name, transform] of [
    ["randomHorizontalFlip", randomHorizontalFlip()],
    ["randomCrop", randomCrop({ size: 4, padding: 4 })],
  ] as const
) {
  Deno.test(`${name}() follows manualSeed(), and differs from call to call`, async () => {
    const x = counting(64, 1, 4, 4),
      twice = async () => [await transform(x).data(), await transform(x).data()];
    manualSeed(3);
    const first = await twice();
    assertNotEquals(first[0], first[1]);
    manualSeed(3);
    assertEquals(await twice(), first);
    manualSeed(4);
    assertNotEquals(await twice(), first);
  });

  Deno.test(`${name}() draws anew when a captured step is replayed`, async () => {
    const [a, b, c] = await replays(transform, counting(64, 1, 4, 4));
    assertNotEquals(a, b);
    assertNotEquals(b, c);
  });
}

Deno.test("compose() applies transforms in order and frees what is made on the way", async () => {
  const x = counting(2, 1, 2, 2), before = undisposed(device);
  const y = compose([resize({ size: 4 }), normalize({ mean: 1, std: 1 }), resize({ size: 1 })])(x);
  assertEquals(undisposed(device), before + 1);
  assertEquals(await y.toArray(), [[[[1.5]]], [[[1.5]]]]);
  assertEquals(compose([])(x), x);
});

Deno.test("transforms of no images are empty", () => {
  const x = zeros([0, 3, 4, 4]);
  assertEquals(normalize({ mean: 0, std: 1 })(x).shape, [0, 3, 4, 4]);
  assertEquals(randomHorizontalFlip()(x).shape, [0, 3, 4, 4]);
  assertEquals(randomCrop({ size: 2 })(x).shape, [0, 3, 2, 2]);
  assertEquals(resize({ size: [2, 9] })(x).shape, [0, 3, 2, 9]);
});

Deno.test("transforms refuse options out of range", () => {
  const numbers = "normalize as mean and std must be numbers, and std not 0";
  const whole = "must be a whole number from";
  const cases: [() => unknown, string][] = [
    [() => normalize({ mean: 0, std: [1, 0] }), `Cannot make ${numbers}: [0] and [1, 0]`],
    [() => normalize({ mean: [], std: 1 }), `Cannot make ${numbers}: [] and [1]`],
    [
      () => randomHorizontalFlip({ p: 1.5 }),
      "Cannot make randomHorizontalFlip as p must be a number from 0 to 1: 1.5",
    ],
    [() => randomCrop({ size: 0 }), `Cannot make randomCrop as size ${whole} 1 up, or two: 0`],
    [
      () => randomCrop({ size: 1, padding: -1 }),
      `Cannot make randomCrop as padding ${whole} 0 up, or two: -1`,
    ],
    [() => resize({ size: [2.5, 1] }), `Cannot make resize as size ${whole} 1 up, or two: [2.5, 1]`],
  ];
  for (const [make, message] of cases) assertRefuses(make, RangeError, message);
});

Deno.test("transforms refuse what is no batch of images, or does not fit", () => {
  const x = zeros([2, 3, 4, 4]);
  assertRefuses(
    () => randomHorizontalFlip()(zeros([3, 4, 4])),
    RangeError,
    "Cannot apply randomHorizontalFlip as x must be [n, c, h, w]: it has shape [3, 4, 4]",
  );
  assertRefuses(
    () => resize({ size: 2 })(zeros([2, 3, 4, 4], { dtype: "int32" })),
    TypeError,
    "Cannot apply resize as x must be float32: it is int32",
  );
  assertRefuses(
    () => resize({ size: 2 })(zeros([2, 3, 4, 0])),
    RangeError,
    "Cannot apply resize as the images must have pixels: x has shape [2, 3, 4, 0]",
  );
  assertRefuses(
    () => normalize({ mean: [1, 2], std: 1 })(x),
    RangeError,
    "Cannot apply normalize as mean and std must have one value or 3, as x has shape [2, 3, 4, 4]: [1, 2] and [1]",
  );
  assertRefuses(
    () => randomCrop({ size: [4, 9], padding: [0, 2] })(x),
    RangeError,
    "Cannot apply randomCrop as size [4, 9] must fit into the image with padding [0, 2]: x has shape [2, 3, 4, 4]",
  );
  assertRefuses(
    () => randomCrop({ size: 4, padding: 2 ** 31 })(x),
    RangeError,
    "Cannot apply randomCrop as padded images must have less than 2^31 rows and columns: padding [2147483648, 2147483648]",
  );
  assertRefuses(
    () => randomCrop({ size: 1 })(noiseTensor([1, 1, 2, 2])),
    TypeError,
    "Cannot apply randomCrop as x must not require a gradient, which would end here: use noGrad(() => …)",
  );
});
