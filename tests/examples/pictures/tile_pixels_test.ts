import { assertEquals } from "@std/assert";
import { tilePixels } from "../../../examples/pictures/tile_pixels.ts";

Deno.test("tilePixels() sets tiles in rows, each in whole pixels", () => {
  const white = { values: [1, 1, 1, 1], height: 2, width: 2, gray: true };
  const black = { values: [0], height: 1, width: 1, gray: true };
  const { data, width, height } = tilePixels([[white, black], [black]], 3);
  assertEquals([width, height], [10, 10]); // twice two pixels for one, two between
  const row = (y: number) => Array.from({ length: width }, (_, x) => data[3 * (y * width + x)]);
  assertEquals(row(0), [255, 255, 255, 255, 221, 221, 0, 0, 0, 0]);
  assertEquals(row(5), Array(10).fill(221));
  assertEquals(row(9), [0, 0, 0, 0, 221, 221, 221, 221, 221, 221]);
});
