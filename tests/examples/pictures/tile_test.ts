import { assertAlmostEquals, assertEquals } from "@std/assert";
import { pixelColor, resample, stretch } from "../../../examples/pictures/tile.ts";

Deno.test("pixelColor() goes from dark to bright, and marks what is no number", () => {
  assertEquals([0, 0.5, 1, 7, NaN].map((v) => pixelColor(v).join()), [
    "68,1,84",
    "33,145,140",
    "253,231,37",
    "253,231,37",
    "255,0,0",
  ]);
  assertEquals([0, 0.5, 1].map((v) => pixelColor(v, true)[2]), [0, 128, 255]);
});

Deno.test("stretch() has one scale for all pictures, and bears what is not finite", () => {
  assertEquals(stretch([[1, 3], [NaN, 5]]), [[0, 0.5], [NaN, 1]]);
  assertEquals(stretch([[2, 2]]), [[0, 0]]);
});

Deno.test("resample() takes means of areas", () => {
  const tile = { values: [1, 2, 3, 4, 5, 6], height: 2, width: 3 };
  assertEquals(resample(tile, 1, 1).values, [3.5]);
  assertEquals(resample(tile, 2, 3).values, tile.values);
  const [left, right] = Array.from(resample(tile, 1, 2).values); // the middle column is shared
  assertAlmostEquals(left, 2.5 * 2 / 3 + 3.5 / 3);
  assertAlmostEquals(right, 4.5 * 2 / 3 + 3.5 / 3);
});
