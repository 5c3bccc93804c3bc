import { assert, assertEquals } from "@std/assert";
import { imageRows } from "../../../examples/pictures/image_rows.ts";
import { displayWidth } from "../../../examples/terminal/text_width.ts";
import { bare } from "../_fake_terminal.ts";

const white = { values: Array(64).fill(1), height: 8, width: 8, gray: true };
const red = {
  values: [1, 1, 1, 1],
  height: 2,
  width: 2,
  gray: true,
  greenBlue: [[0, 0, 0, 0], [0, 0, 0, 0]] as const,
};

Deno.test("imageRows() sets pictures in rows, the last line of each title above its picture", () => {
  const pictures = [
    { tile: white, title: ["Ankle boot", "Sneaker"] },
    { tile: white, title: ["Bag"] },
    { tile: white, title: [] },
  ];
  assertEquals(imageRows(pictures, { columns: 2, width: 80, depth: "none", side: 8 }), [
    "Ankle bo",
    "Sneaker  Bag",
    ...Array(4).fill("@@@@@@@@ @@@@@@@@"),
    ...Array(4).fill("@@@@@@@@"),
  ]);
});

Deno.test("imageRows() fits every window, and draws colours where there are some", () => {
  const pictures = Array.from({ length: 9 }, () => ({ tile: white, title: ["短靴"] }));
  for (const width of [20, 40, 60, 100]) {
    const lines = bare(imageRows(pictures, { columns: 9, width, depth: "24-bit", side: 24 }));
    assert(lines.every((line) => displayWidth(line) < width), `${width}: ${lines[1]}`);
  }
  const colors = imageRows([{ tile: red, title: [] }], { columns: 1, width: 80, depth: "24-bit", side: 8 });
  assertEquals(colors, [`${"\x1b[38;2;255;0;0;48;2;255;0;0m▀".repeat(2)}\x1b[0m`]);
  assertEquals(imageRows([{ tile: red, title: [] }], { columns: 1, width: 80, depth: "none", side: 8 }), [
    "--",
  ]);
});
