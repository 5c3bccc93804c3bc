import { assert, assertEquals } from "@std/assert";
import { manualSeed, openDevice, type Transform, transforms } from "../../../mod.ts";
import { counting, images, upcoming } from "./_images.ts";
import { assertClose } from "../../support/values.ts";

const { randomHorizontalFlip } = transforms;
await openDevice();

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
