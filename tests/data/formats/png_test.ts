import { assertEquals, assertRejects } from "@std/assert";
import { crc32, deflateSync } from "node:zlib";
import { decode, encode } from "npm:fast-png@8";
import { decodePng, encodePng, openDevice, randn, tensor, transforms, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

/** Bytes without a pattern. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = Math.imul(state, 1103515245) + 12345) >>> 16);
}

function chunk(name: string, ...content: number[]): number[] {
  const named = [...new TextEncoder().encode(name), ...content], view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, content.length);
  view.setUint32(4, crc32(new Uint8Array(named)));
  const [length, sum] = [0, 4].map((at) => [...new Uint8Array(view.buffer, at, 4)]);
  return [...length, ...named, ...sum];
}

/** A PNG of a depth, a colour type and rows with their filters. */
function png(
  [width, height]: number[],
  [depth, type, interlace = 0]: number[],
  rows: readonly number[],
  ...before: number[][]
): Uint8Array {
  return new Uint8Array([
    ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    ...chunk("IHDR", 0, 0, 0, width, 0, 0, 0, height, depth, type, 0, 0, interlace),
    ...before.flat(),
    ...chunk("IDAT", ...deflateSync(new Uint8Array(rows))),
    ...chunk("IEND"),
  ]);
}

Deno.test("encodePng() writes what another program reads, and decodePng() what that writes", async () => {
  for (const channels of [1, 2, 3, 4]) {
    const [width, height] = [13, 9], data = noise(width * height * channels);
    const own = await encodePng({ width, height, data }), theirs = decode(own);
    assertEquals([theirs.width, theirs.height, theirs.channels, theirs.depth], [width, height, channels, 8]);
    assertEquals([...theirs.data], [...data]);
    for (const file of [own, encode({ width, height, channels, data })]) {
      assertEquals(await decodePng(file), { width, height, data });
    }
  }
});

Deno.test("decodePng() undoes every filter", async () => {
  const rows = [[1, 10, 5, 5], [2, 1, 1, 255], [3, 4, 0, 2], [4, 9, 250, 7], [0, 1, 2, 3]];
  const wanted = [[10, 15, 20], [11, 16, 19], [9, 12, 17], [18, 12, 24], [1, 2, 3]];
  const { data } = await decodePng(png([3, 5], [8, 0], rows.flat()));
  assertEquals([...data], wanted.flat());
  assertEquals([...decode(png([3, 5], [8, 0], rows.flat())).data], wanted.flat());
});

Deno.test("decodePng() puts the pixels of an interlaced picture in their places", async () => {
  const [width, height] = [11, 10], image = noise(width * height);
  const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
    0,
    1,
    1,
    2,
  ]];
  const rows: number[] = [];
  for (const [left, top, right, down] of passes) {
    for (let y = top; y < height; y += down) {
      rows.push(0);
      for (let x = left; x < width; x += right) rows.push(image[y * width + x]);
    }
  }
  assertEquals((await decodePng(png([width, height], [8, 0, 1], rows))).data, image);
});

Deno.test("decodePng() brings 1, 2, 4 and 16 bits to 8, and reads palettes and transparency", async () => {
  const data = async (file: Uint8Array) => [...(await decodePng(file)).data];
  assertEquals(await data(png([3, 1], [1, 0], [0, 0b1010_0000])), [255, 0, 255]);
  assertEquals(await data(png([3, 1], [2, 0], [0, 0b0001_1000])), [0, 85, 170]);
  assertEquals(await data(png([3, 1], [4, 0], [0, 0x0f, 0x30])), [0, 255, 51]);
  assertEquals(await data(png([2, 1], [16, 0], [0, 0x80, 0x7f, 0x00, 0x81])), [128, 1]);
  const palette = chunk("PLTE", 1, 2, 3, 4, 5, 6);
  assertEquals(await data(png([2, 1], [1, 3], [0, 0b0100_0000], palette)), [1, 2, 3, 4, 5, 6]);
  const alpha = chunk("tRNS", 7);
  assertEquals(await data(png([2, 1], [8, 3], [0, 1, 0], palette, alpha)), [4, 5, 6, 255, 1, 2, 3, 7]);
  assertEquals(await data(png([2, 1], [8, 0], [0, 1, 7], chunk("tRNS", 0, 7))), [1, 255, 7, 0]);
  const red = chunk("tRNS", 0, 9, 0, 0, 0, 0);
  assertEquals(await data(png([2, 1], [8, 2], [0, 9, 0, 0, 9, 0, 1], red)), [9, 0, 0, 0, 9, 0, 1, 255]);
});

Deno.test("decodePng() gives pixels the channels that are wanted", async () => {
  const file = await encodePng({ width: 2, height: 1, data: new Uint8Array([255, 0, 0, 9, 10, 20, 30, 40]) });
  const as = async (channels: number) => [...(await decodePng(file, { channels })).data];
  assertEquals(await as(1), [76, 18]);
  assertEquals(await as(2), [76, 9, 18, 40]);
  assertEquals(await as(3), [255, 0, 0, 10, 20, 30]);
  assertEquals(await as(4), [255, 0, 0, 9, 10, 20, 30, 40]);
  const gray = await encodePng({ width: 2, height: 1, data: new Uint8Array([3, 4]) });
  assertEquals([...(await decodePng(gray, { channels: 4 })).data], [3, 3, 3, 255, 4, 4, 4, 255]);
});

Deno.test("encodePng() takes tensors from 0 to 1, and toTensor() gives them back", async () => {
  const x = tensor([[-1, 0.5, 2]]), image = await decodePng(await encodePng(x));
  assertEquals([...image.data], [0, 128, 255]);
  const colors = randn([3, 5, 4]).sigmoid(), wanted = await colors.data();
  const { data } = await decodePng(await encodePng(colors));
  const back = await transforms.toTensor({ width: 4, height: 5, data }).data();
  assertEquals(back.every((v, k) => Math.abs(v - wanted[k]) < 0.5 / 255 + 1e-6), true);
  const pixels = new ImageData(2, 1);
  pixels.data.set([255, 0, 0, 255], 4);
  assertEquals(await transforms.toTensor(pixels).toArray(), [[[0, 1]], [[0, 0]], [[0, 0]], [[0, 1]]]);
});

Deno.test("a picture that was packed a thousand times over costs no more than its pixels", async () => {
  const file = png([1, 1], [8, 0], [0, 5, ...Array(5_000_000).fill(0)]);
  assertEquals([...(await decodePng(file)).data], [5]);
});

Deno.test("decodePng(), encodePng() and toTensor() refuse what is no picture", async () => {
  const file = png([3, 1], [8, 0], [0, 1, 2, 3]),
    start = "Cannot read a PNG as it must be whole and follow the format: ";
  await assertRejects(
    () => decodePng(file, { maxPixels: 2 }),
    SyntaxError,
    `${start}it is 3 by 1 pixels large`,
  );
  const palette = chunk("PLTE", 1, 2, 3), wrong = png([1, 1], [8, 3], [0, 1], palette);
  await assertRejects(() => decodePng(wrong), SyntaxError, `${start}a pixel has colour 1 of a palette of 1`);
  const unknown = png([1, 1], [8, 0], [0, 1], chunk("HUGE"));
  await assertRejects(() => decodePng(unknown), SyntaxError, `${start}it needs what is not known: HUGE`);
  const shape = "Cannot write a PNG as image must be [h, w] or [c, h, w] of 1 to 4 channels: it has shape ";
  for (const [given, found] of [[[5, 2, 2], "[5, 2, 2]"], [[2], "[2]"], [[0, 2], "[0, 2]"]] as const) {
    await assertRejects(() => encodePng(zeros(given)), RangeError, shape + found);
  }
  await assertRejects(() => encodePng(tensor([[NaN]])), RangeError, "pixels must be numbers: one is NaN");
  assertRefuses(
    () => transforms.toTensor({ width: 2, height: 2, data: new Uint8Array(10) }),
    RangeError,
    "Cannot apply toTensor as image must be a picture { width, height, data } of 1 to 4 bytes a pixel: 10 bytes of 2 by 2 pixels",
  );
});
