import { assertEquals } from "@std/assert";
import { manualSeed, openDevice, transforms } from "../../../mod.ts";
import { counting, images, upcoming } from "./_images.ts";
import { assertClose } from "../../support/values.ts";

const { randomCrop } = transforms;
await openDevice();

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
