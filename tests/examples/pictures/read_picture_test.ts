import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encode } from "npm:fast-png@8";
import { decodeJpeg } from "../../../examples/pictures/read_jpeg.ts";
import { readPicture } from "../../../examples/pictures/read_picture.ts";
import type { Tile } from "../../../examples/pictures/tile.ts";

function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../../fixtures/pictures/${name}`, import.meta.url));
}

/** A PNG whose pixels have the channels that `at` gives. */
function png(
  width: number,
  height: number,
  at: (x: number, y: number) => number[],
  depth: 8 | 16 = 8,
): Uint8Array {
  const values = Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)))
    .flat();
  const data = depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  return encode({ width, height, channels: values.length / (width * height), depth, data });
}

/** The greatest difference between two pictures. */
function difference(a: Tile, b: Tile): number {
  return Math.max(...Array.from(a.values, (v, i) => Math.abs(v - b.values[i])));
}

/** A gray square of 4 to 11 of 16 pixels, on a ground. */
const square = (inside: number, ground: number) => (x: number, y: number) =>
  x >= 4 && x < 12 && y >= 4 && y < 12 ? inside : ground;

Deno.test("readPicture() gives the same of every colour type and depth, dark on light inverted", async () => {
  const bright = square(255, 0), dark = square(0, 255);
  const files: [name: string, file: Uint8Array, isInverted: boolean][] = [
    ["gray", png(16, 16, (x, y) => [bright(x, y)]), false],
    ["gray of 16 bits", png(16, 16, (x, y) => [257 * bright(x, y)], 16), false],
    ["colour", png(16, 16, (x, y) => Array(3).fill(bright(x, y))), false],
    ["dark on light", png(16, 16, (x, y) => [dark(x, y)]), true],
    ["black on nothing", png(16, 16, (x, y) => [0, 0, 0, bright(x, y)]), true],
    ["white on nothing", png(16, 16, (x, y) => [255, 255, 255, bright(x, y)]), false],
    ["wide", png(40, 16, (x, y) => [bright(x - 20, y)]), false],
    ["off the middle", png(12, 12, (x, y) => [bright(x + 4, y + 4)]), false],
  ];
  const first = await readPicture(files[0][1], { size: 28 });
  assert(Array.from(first.tile.values).every((v) => Math.abs(v - 1) < 1e-9)); // trimmed to the square itself
  for (const [name, file, isInverted] of files) {
    const { tile, isInverted: found } = await readPicture(file, { size: 28 });
    assertEquals([found, tile.height, tile.width], [isInverted, 28, 28], name);
    assert(difference(tile, first.tile) < 1e-9, name);
  }
});

Deno.test("readPicture() keeps proportions, a margin, and what has its size", async () => {
  const bar = png(30, 60, (x, y) => [x >= 10 && x < 20 && y >= 10 && y < 50 ? 255 : 0]); // 10 by 40
  const { tile } = await readPicture(bar, { size: 28, margin: 4 });
  const lit = Array.from(tile.values).flatMap((v, i) => v > 0 ? [[i % 28, Math.floor(i / 28)]] : []);
  const xs = lit.map(([x]) => x), ys = lit.map(([, y]) => y);
  assertEquals([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)], [11, 15, 4, 23]);
  const own = png(28, 28, (x, y) => [x > 20 && y > 20 ? 128 : 0]);
  assertEquals((await readPicture(own, { size: 28 })).tile.values[27 * 28 + 27], 128 / 255);
  const forced = await readPicture(own, { size: 28, invert: "yes" });
  assertEquals([forced.isInverted, forced.tile.values[0]], [true, 1]);
  assertEquals((await readPicture(png(2, 2, () => [255]), { size: 28, invert: "no" })).tile.values[0], 1);
  const nothing = await readPicture(png(3, 1, () => [0, 0, 0, 0]), { size: 28 });
  assert(nothing.tile.values.length === 784 && Array.from(nothing.tile.values).every((v) => v === 0));
});

Deno.test("readPicture() reads JPEG files: colour, progressive, gray, and turned as EXIF says", async () => {
  const boot = await readPicture(await fixture("boot.jpg"), { size: 28 });
  assertEquals([boot.width, boot.height, boot.isInverted], [84, 112, true]);
  const progressive = await readPicture(await fixture("boot_progressive.jpg"), { size: 28 });
  assert(difference(boot.tile, progressive.tile) < 0.02);
  const gray = await readPicture(await fixture("trouser_gray.jpg"), { size: 28 });
  assertEquals([gray.width, gray.height, gray.isInverted], [56, 56, false]);

  // the first segment says that the picture is to be turned clockwise to be shown
  const file = await fixture("boot.jpg");
  const tiff = [..."MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"].map((c) =>
    c.charCodeAt(0)
  );
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const turned = Uint8Array.of(
    ...file.subarray(0, 2),
    0xff,
    0xe1,
    0,
    exif.length + 2,
    ...exif,
    ...file.subarray(2),
  );
  const [upright, lying] = [await decodeJpeg(turned), await decodeJpeg(file)];
  assertEquals([upright.width, upright.height], [112, 84]);
  for (let y = 0; y < 84; y++) {
    for (let x = 0; x < 112; x++) {
      assertEquals(upright.data[4 * (y * 112 + x)], lying.data[4 * ((111 - x) * 84 + y)], `${x}, ${y}`);
    }
  }
});

Deno.test("decodeJpeg() refuses what is damaged, too large or no JPEG, and goes on with the next", async () => {
  const file = await fixture("boot.jpg"),
    frame = file.findIndex((v, i) => v === 0xff && file[i + 1] === 0xc0);
  const changed = (at: number, ...bytes: number[]) => {
    const copy = file.slice();
    copy.set(bytes, at);
    return copy;
  };
  const refuses = async (bytes: Uint8Array, found: RegExp) => {
    const { message } = await assertRejects(() => decodeJpeg(bytes), SyntaxError);
    assertMatch(message, /^Cannot read a JPEG as it must be whole and follow the format: ./);
    assertMatch(message, found);
  };
  const whole = decodeJpeg(file);
  await refuses(file.subarray(0, 900), /Premature end/);
  await refuses(file.subarray(0, 20), /it ends early, after 20 bytes/);
  await refuses(changed(frame + 5, 0xff, 0xff, 0xff, 0xff), /it has 4294836225 pixels/);
  await refuses(changed(frame + 5, 0, 0), /it has 0 pixels/);
  await refuses(new Uint8Array(9), /it does not begin as a JPEG does/);
  await refuses(changed(20, 1), /a segment of it begins with 0x1/);
  assertEquals((await whole).width, 84);
  assertEquals((await Promise.all([decodeJpeg(file), decodeJpeg(file)])).map(({ height }) => height), [
    112,
    112,
  ]);
  await assertRejects(
    () => readPicture(new TextEncoder().encode("GIF89a"), { size: 28 }),
    SyntaxError,
    "Cannot read a picture as it must be a PNG or a JPEG: it begins with 0x47 0x49 0x46 0x38",
  );
});
