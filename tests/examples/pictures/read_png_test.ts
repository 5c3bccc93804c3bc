import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { crc32, deflateSync } from "node:zlib";
import { encode } from "npm:fast-png@8";
import { readPng } from "../../../examples/pictures/read_png.ts";
import pictures from "../../fixtures/png.json" with { type: "json" };

/** A PNG of these chunks. */
function png(...chunks: Uint8Array[]): Uint8Array {
  return bytes(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...chunks.flatMap((chunk) => [...chunk]));
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values);
}

/** A chunk with its length and checksum. */
function chunk(name: string, data: Uint8Array = bytes()): Uint8Array {
  const named = bytes(...new TextEncoder().encode(name), ...data), ends = new DataView(new ArrayBuffer(8));
  ends.setUint32(0, data.length);
  ends.setUint32(4, crc32(named));
  return bytes(...new Uint8Array(ends.buffer, 0, 4), ...named, ...new Uint8Array(ends.buffer, 4));
}

function header(width: number, height: number, depth: number, type: number, interlace = 0): Uint8Array {
  return chunk("IHDR", bytes(0, 0, 0, width, 0, 0, 0, height, depth, type, 0, 0, interlace));
}

function pixels(...data: number[]): Uint8Array {
  return chunk("IDAT", deflateSync(bytes(...data)));
}

const END = chunk("IEND");

Deno.test("readPng() reads grey, colour, transparency and 16 bits", async () => {
  const read = async (channels: number, data: Uint8Array | Uint16Array) => {
    const depth = data instanceof Uint16Array ? 16 : 8;
    return (await readPng(encode({ width: 2, height: 1, channels, depth, data }), 1, 2)).values;
  };
  assertEquals(await read(1, new Uint8Array([0, 255])), [0, 1]);
  assertEquals(await read(1, new Uint16Array([65535, 0])), [1, 0]);
  assertEquals(await read(2, new Uint8Array([255, 0, 255, 255])), [0, 1]);
  const [red, white] = Array.from(await read(4, new Uint8Array([255, 0, 0, 255, 255, 255, 255, 255])));
  assertAlmostEquals(red, 0.299);
  assertAlmostEquals(white, 1);
});

Deno.test("readPng() gives Pillow's gray for every kind of PNG", async () => {
  for (const { name, width, height, gray, png } of pictures.files) {
    const { values } = await readPng(Uint8Array.fromBase64(png), height, width);
    assertEquals(values.length, width * height, name);
    assertAlmostEquals(Array.from(values).reduce((a, b) => a + b) / values.length, gray, 1 / 255, name);
  }
});

Deno.test("readPng() takes a transparent gray of 1, 2 and 4 bits for black", async () => {
  for (
    const [depth, row, wanted] of [[1, 0b0110_0000, [0, 0, 0, 0]], [2, 0b11_01_00_11, [
      0,
      1 / 3,
      0,
      0,
    ]]] as const
  ) {
    const key = chunk("tRNS", bytes(0, 2 ** depth - 1));
    assertEquals((await readPng(png(header(4, 1, depth, 0), key, pixels(0, row), END), 1, 4)).values, wanted);
  }
  const file = png(header(4, 1, 4, 0), chunk("tRNS", bytes(0, 15)), pixels(0, 0xf5, 0x0f), END);
  assertEquals((await readPng(file, 1, 4)).values, [0, 1 / 3, 0, 0]);
});

Deno.test("readPng() passes over what stands behind the end, and chunks that it does not need", async () => {
  const file = png(header(1, 1, 8, 0), chunk("tEXt", bytes(1)), pixels(0, 255), END, new Uint8Array(20));
  assertEquals((await readPng(file, 1, 1)).values, [1]);
});

Deno.test("readPng() refuses what is broken, and what is no PNG", async () => {
  const gray = header(1, 1, 8, 0), data = pixels(0, 255), damaged = png(gray, data, END);
  damaged[damaged.length - 13] ^= 1; // the checksum of the pixels
  const wide = png(chunk("IHDR", bytes(127, 0, 0, 0, 127, 0, 0, 0, 8, 0, 0, 0, 0)), data, END);
  const cases: [Uint8Array, string][] = [
    [bytes(), "it does not begin as a PNG does"],
    [new TextEncoder().encode("<!doctype html><html></html>"), "it does not begin as a PNG does"],
    [png(gray, data, END).subarray(1), "it does not begin as a PNG does"],
    [png(gray, data, END).subarray(0, 40), "it ends early, after 40 bytes"],
    [png(gray, data), `it ends early, after ${png(gray, data).length} bytes`],
    [damaged, "the checksum of its IDAT is wrong"],
    [png(data, gray, END), "a chunk is misplaced: IDAT"],
    [png(gray, END), "its pixels take 2 bytes, it has 0"],
    [png(gray, pixels(0), END), "its pixels take 2 bytes, it has 1"],
    [png(header(9, 1, 1, 0, 1), pixels(0), END), "its pixels take 8 bytes, it has 1"],
    [png(header(9, 1, 1, 0, 1), pixels(0, 0), END), "its pixels take 8 bytes, it has 2"],
    [png(gray, pixels(9, 255), END), "the filter of a row is 9"],
    [png(gray, chunk("IDAT", bytes(1, 2, 3)), END), "its data are damaged"],
    [png(header(1, 1, 3, 0), data, END), "its colour type is 0, of 3 bits"],
    [png(header(1, 1, 8, 1), data, END), "its colour type is 1, of 8 bits"],
    [png(header(1, 1, 4, 2), data, END), "its colour type is 2, of 4 bits"],
    [
      png(header(1, 1, 8, 0, 2), data, END),
      "its methods of packing, filters and interlacing are 0, 0, 2",
    ],
    [png(header(1, 1, 8, 3), data, END), "its palette is missing"],
    [png(header(0, 1, 8, 0), data, END), "it is 0 by 1 pixels large"],
    [wide, "it is 2130706432 by 2130706432 pixels large"],
  ];
  for (const [file, found] of cases) {
    await assertRejects(
      () => readPng(file, 28, 28),
      SyntaxError,
      `Cannot read a PNG as it must be whole and follow the format: ${found}`,
      found,
    );
  }
});
