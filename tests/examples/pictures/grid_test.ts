import { assertEquals, assertStringIncludes } from "@std/assert";
import { decode } from "npm:fast-png@8";
import { gridSvg } from "../../../examples/pictures/grid.ts";

Deno.test("gridSvg() labels rows and columns, and sets a frame around each picture", async () => {
  const tile = { values: [0, 1], height: 1, width: 2 };
  const rows = [{ label: "Coat <1>\nown", tiles: [tile, tile] }];
  const bar = { low: "lowest", high: "highest" };
  const svg = await gridSvg({ title: "Maps", note: "one\ntwo", bar, columns: ["input", "0"], rows });
  for (const label of ["Maps", "one", "two", "input", "0", "Coat &#60;1&#62;", "own", "lowest", "highest"]) {
    assertStringIncludes(svg, `>${label}</text>`);
  }
  const { width, height, channels, data } = decode(Uint8Array.fromBase64(svg.match(/base64,([^"]*)/)![1]));
  assertEquals([width, height, channels], [208, 104, 4]);
  assertEquals([...data.subarray(0, 4)], [68, 1, 84, 255]);
  assertEquals([...data.subarray(4 * 95, 4 * 97)], [253, 231, 37, 255, 0, 0, 0, 0]);
  assertEquals(svg.match(/h49v49h-49z/g)?.length, 2);
  assertEquals(svg.match(/<stop [^>]*stop-color="rgb\([\d,]+\)"/g)?.length, 5);
});
