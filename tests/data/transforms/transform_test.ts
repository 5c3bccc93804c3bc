// What all transforms have in common.
import { assertEquals, assertNotEquals } from "@std/assert";
import { manualSeed, openDevice, transforms, zeros } from "../../../mod.ts";
import { counting, replays } from "./_images.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

const { normalize, randomCrop, randomHorizontalFlip, resize } = transforms;
await openDevice();

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
