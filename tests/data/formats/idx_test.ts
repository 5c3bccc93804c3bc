import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { parseIdx } from "../../../data/formats/idx.ts";
import { gzip, idxBytes } from "../_fixtures.ts";

/** A file with the elements 1, -2 and what follows them written out by hand, big-endian. */
function file(code: number, shape: number[], ...elements: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0, code, shape.length, ...shape.flatMap((size) => [0, 0, 0, size]), ...elements]);
}

Deno.test("parseIdx() reads uint8", () => {
  assertEquals(parseIdx(file(0x08, [2, 2], 0, 127, 128, 255)), {
    dtype: "uint8",
    shape: [2, 2],
    data: new Uint8Array([0, 127, 128, 255]),
  });
});

Deno.test("parseIdx() reads int8", () => {
  assertEquals(parseIdx(file(0x09, [3], 1, 0xfe, 0x80)), {
    dtype: "int8",
    shape: [3],
    data: new Int8Array([1, -2, -128]),
  });
});

Deno.test("parseIdx() reads big-endian int16", () => {
  assertEquals(parseIdx(file(0x0b, [3], 0, 1, 0xff, 0xfe, 0x12, 0x34)), {
    dtype: "int16",
    shape: [3],
    data: new Int16Array([1, -2, 0x1234]),
  });
});

Deno.test("parseIdx() reads big-endian int32", () => {
  assertEquals(parseIdx(file(0x0c, [2, 1], 0xff, 0xff, 0xff, 0xfe, 0x12, 0x34, 0x56, 0x78)), {
    dtype: "int32",
    shape: [2, 1],
    data: new Int32Array([-2, 0x12345678]),
  });
});

Deno.test("parseIdx() reads big-endian float32", () => {
  assertEquals(parseIdx(file(0x0d, [3], 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0, 0x7f, 0x80, 0, 0)), {
    dtype: "float32",
    shape: [3],
    data: new Float32Array([1, -2, Infinity]),
  });
});

Deno.test("parseIdx() reads big-endian float64", () => {
  const elements = [0xc0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a];
  assertEquals(parseIdx(file(0x0e, [1, 2], ...elements)), {
    dtype: "float64",
    shape: [1, 2],
    data: new Float64Array([-2, 0.1]),
  });
});

Deno.test("parseIdx() reads a single number of rank 0", () => {
  assertEquals(parseIdx(file(0x0c, [], 0, 0, 1, 0)), {
    dtype: "int32",
    shape: [],
    data: new Int32Array([256]),
  });
});

Deno.test("parseIdx() reads rank 255", () => {
  const shape = Array.from({ length: 255 }, (_, d) => d === 100 ? 3 : 1);
  const { shape: found, data } = parseIdx(file(0x08, shape, 7, 8, 9));
  assertEquals(found, shape);
  assertEquals(data, new Uint8Array([7, 8, 9]));
});

Deno.test("parseIdx() reads an empty array, whatever its other sizes", () => {
  const huge = Array(200).fill([0xff, 0xff, 0xff, 0xff]).flat();
  const bytes = new Uint8Array([0, 0, 0x0d, 201, ...huge, 0, 0, 0, 0]);
  const { shape, data } = parseIdx(bytes);
  assertEquals(shape, [...Array(200).fill(4294967295), 0]);
  assertEquals(data, new Float32Array(0));
});

Deno.test("parseIdx() does not copy single bytes, and finds them in the middle of a buffer", () => {
  const whole = new Uint8Array([99, 99, 99, ...file(0x08, [2], 5, 6), 99]);
  const { data } = parseIdx(whole.subarray(3, -1));
  assertEquals(data, new Uint8Array([5, 6]));
  assertStrictEquals(data.buffer, whole.buffer);
  const signed = new Uint8Array([99, ...file(0x09, [2], 5, 0xff), 99]);
  assertEquals(parseIdx(signed.subarray(1, -1)).data, new Int8Array([5, -1]));
  const wide = new Uint8Array([99, ...file(0x0b, [1], 1, 2), 99]);
  assertEquals(parseIdx(wide.subarray(1, -1)).data, new Int16Array([258]));
});

Deno.test("parseIdx() unpacks gzip", async () => {
  const { dtype, shape, data } = parseIdx(await gzip(file(0x0b, [2], 0, 1, 0xff, 0xfe)));
  assertEquals([dtype, shape], ["int16", [2]]);
  assertEquals(data, new Int16Array([1, -2]));
});

Deno.test("parseIdx() gives a plain Uint8Array for packed bytes", async () => {
  const { data } = parseIdx(await gzip(file(0x08, [2], 3, 4)));
  assertInstanceOf(data, Uint8Array);
  assertStrictEquals(data.constructor, Uint8Array);
  assertEquals(data, new Uint8Array([3, 4]));
});

Deno.test("parseIdx() refuses what is corrupt and says what it found", () => {
  const refusals: [string, Uint8Array, string][] = [
    ["nothing", new Uint8Array(), "Cannot parse IDX as its magic number takes 4 bytes: found 0"],
    ["three bytes", new Uint8Array([0, 0, 8]), "Cannot parse IDX as its magic number takes 4 bytes: found 3"],
    [
      "another file",
      new TextEncoder().encode("<html>"),
      "Cannot parse IDX as a file must begin with two zero bytes: it is an HTML page, as a server sends it about a " +
      "file or in its place: download the file itself",
    ],
    [
      "an unknown type",
      file(0x0a, [1], 0),
      "Cannot parse IDX as its type must be one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e: found 0x0a",
    ],
    [
      "a cut header",
      file(0x08, [3, 28, 28]).subarray(0, 15),
      "Cannot parse IDX as a header of rank 3 takes 16 bytes: found 15",
    ],
    [
      "cut data",
      file(0x0c, [2, 3], ...Array(23).fill(0)),
      "Cannot parse IDX as int32 of shape [2, 3] takes 24 bytes after its header: found 23",
    ],
    [
      "bytes after the end",
      file(0x08, [2], 1, 2, 3),
      "Cannot parse IDX as uint8 of shape [2] takes 2 bytes after its header: found 3",
    ],
    [
      "bytes after an empty array",
      file(0x08, [2, 0], 1),
      "Cannot parse IDX as uint8 of shape [2, 0] takes 0 bytes after its header: found 1",
    ],
  ];
  for (const [what, bytes, message] of refusals) {
    const error = assertThrows(() => parseIdx(bytes), SyntaxError);
    assertEquals(error.message, message, what);
  }
});

Deno.test("parseIdx() unpacks no more than the header says, and than maxBytes", async () => {
  const pixels = new Uint8Array(2 ** 20);
  const image = (shape: number[], length: number) =>
    gzip(new Uint8Array([...idxBytes(shape, []), ...pixels.subarray(0, length)]));
  const whole = await image([1024, 1024], 2 ** 20);
  assertEquals(parseIdx(whole).shape, [1024, 1024]);
  assertEquals(parseIdx(whole, { maxBytes: 2 ** 20 + 12 }).shape, [1024, 1024]);
  const longer = await image([1000, 1024], 2 ** 20), lying = await image([2 ** 31, 2 ** 31], 2 ** 20);
  const refusals: [Uint8Array<ArrayBuffer>, number, typeof Error, string][] = [
    [
      longer,
      2 ** 30,
      SyntaxError,
      "Cannot parse IDX as uint8 of shape [1000, 1024] takes 1024000 bytes after its header: found more",
    ],
    [
      whole,
      2 ** 20 + 11,
      RangeError,
      "Cannot parse IDX as what is packed must become at most 1048587 bytes (maxBytes: another number): " +
      "uint8 of shape [1024, 1024] takes 1048588",
    ],
    [
      lying,
      2 ** 30,
      RangeError,
      "Cannot parse IDX as what is packed must become at most 1073741824 bytes (maxBytes: another number): " +
      "uint8 of shape [2147483648, 2147483648] takes 4611686018427388000",
    ],
    [
      await gzip(file(0x08, [10], ...Array(10).fill(1))),
      17,
      RangeError,
      "Cannot unpack gzip as 37 bytes must become at most 17 (maxBytes: another number): they become more",
    ],
  ];
  for (const [bytes, maxBytes, kind, message] of refusals) {
    assertEquals(assertThrows(() => parseIdx(bytes, { maxBytes }), kind).message, message);
  }
  // 192 members of 1 MiB each that begin as an image of 2 MiB does
  const member = await gzip(pixels), bomb = [await image([2048, 1024], 0), ...Array(192).fill(member)];
  const error = assertThrows(() => parseIdx(new Uint8Array(bomb.flatMap((part) => [...part]))), SyntaxError);
  assertEquals(
    error.message,
    "Cannot parse IDX as uint8 of shape [2048, 1024] takes 2097152 bytes after its header: found more",
  );
});

Deno.test("parseIdx() refuses truncated and damaged gzip", async () => {
  const packed = await gzip(file(0x08, [200], ...Array.from({ length: 200 }, (_, i) => i)));
  const damaged = packed.slice();
  damaged[packed.length - 8] ^= 1; // the CRC
  for (const bytes of [packed.subarray(0, -9), packed.subarray(0, 2), damaged]) {
    assertThrows(
      () => parseIdx(bytes),
      SyntaxError,
      `Cannot unpack gzip as ${bytes.length} bytes must be a whole gzip file: `,
    );
  }
});
