import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { pngjs } from "../../../examples/pictures/packages.ts";
import { encodePng, tilePixels } from "../../../examples/pictures/write_png.ts";

Deno.test("encodePng() writes what another program reads", async () => {
  const { PNG } = await pngjs();
  const rgb = Uint8Array.from({ length: 3 * 7 * 5 }, (_, i) => (i * 37) & 255);
  const { width, height, data } = PNG.sync.read(Buffer.from(encodePng({ rgb, width: 7, height: 5 })));
  assertEquals([width, height], [7, 5]);
  assertEquals([...data].filter((_, i) => i % 4 !== 3), [...rgb]);
});

Deno.test("tilePixels() sets tiles in rows, each in whole pixels", () => {
  const white = { values: [1, 1, 1, 1], height: 2, width: 2, gray: true };
  const black = { values: [0], height: 1, width: 1, gray: true };
  const { rgb, width, height } = tilePixels([[white, black], [black]], 3);
  assertEquals([width, height], [10, 10]); // twice two pixels for one, two between
  const row = (y: number) => Array.from({ length: width }, (_, x) => rgb[3 * (y * width + x)]);
  assertEquals(row(0), [255, 255, 255, 255, 221, 221, 0, 0, 0, 0]);
  assertEquals(row(5), Array(10).fill(221));
  assertEquals(row(9), [0, 0, 0, 0, 221, 221, 221, 221, 221, 221]);
});
