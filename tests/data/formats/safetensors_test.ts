import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  full,
  nn,
  openDevice,
  safetensorsMetadata,
  scope,
  tensor,
  zeros,
} from "../../../mod.ts";
import { parseIdx } from "../../../data/formats/idx.ts";
import { gzip, idxBytes } from "../_fixtures.ts";
import { undisposed } from "../../support/memory.ts";
import { assertRefuses, bitsOf } from "../../support/values.ts";

const device = await openDevice();

interface Described {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A file with this header (JSON, or a text as it is) and data. */
function file(header: unknown, data: ArrayLike<number> = [], length?: bigint): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** A file of one tensor, `t`. */
function one(dtype: string, shape: number[], array: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return file({ t: { dtype, shape, data_offsets: [0, data.length] } }, data);
}

/** Reads a file as the format's description says, without anything of ours. */
function readIndependently(
  bytes: Uint8Array,
): { header: Record<string, Described>; data: DataView; start: number } {
  const [low, high] = new Uint32Array(bytes.slice(0, 8).buffer);
  assertEquals(high, 0);
  const header = JSON.parse(String.fromCharCode(...bytes.slice(8, 8 + low)));
  return { header, data: new DataView(bytes.slice(8 + low).buffer), start: 8 + low };
}

Deno.test("tensors of every type and shape come back as they were, and in order", async () => {
  using _ = scope();
  const record = {
    flags: tensor([[true], [false], [true]]),
    "layer1.0.weight": tensor([1.5, -0, Infinity, -Infinity, 1e-45, 3.4028234663852886e38], {
      shape: [1, 2, 3],
    }),
    "1": tensor(new Int32Array([-2147483648, 2147483647])),
    scalar: full([], 7, { dtype: "int32" }),
    none: zeros([2, 0]),
    "ключ \"'\n": tensor([NaN]),
  };
  const bytes = await encodeSafetensors(record), back = decodeSafetensors(bytes);
  assertEquals(Object.keys(back), Object.keys(record));
  for (const [name, t] of Object.entries(record)) {
    assertEquals([back[name].shape, back[name].dtype], [t.shape, t.dtype], name);
    assertEquals(await back[name].data(), await t.data(), name);
  }
  assertEquals(bitsOf(await back["layer1.0.weight"].data())[1], 0x80000000);
});

Deno.test("files written here are what the format's description says", async () => {
  using _ = scope();
  const record = {
    mask: tensor([true, false, true]),
    weight: tensor([[1, 2], [3, 4.5]]),
    steps: tensor([-5], { dtype: "int32" }),
  };
  const bytes = await encodeSafetensors(record, { format: "pt" });
  const { header, data, start } = readIndependently(bytes);
  assertEquals(header as unknown, {
    __metadata__: { format: "pt" },
    mask: { dtype: "BOOL", shape: [3], data_offsets: [20, 23] },
    weight: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
    steps: { dtype: "I32", shape: [1], data_offsets: [16, 20] },
  });
  assertEquals([start % 8, bytes[8], bytes.length], [0, "{".charCodeAt(0), start + 23]);
  assertEquals([0, 4, 8, 12].map((at) => data.getFloat32(at, true)), [1, 2, 3, 4.5]);
  assertEquals(data.getInt32(16, true), -5);
  assertEquals([20, 21, 22].map((at) => data.getUint8(at)), [1, 0, 1]);
});

Deno.test("a file of no tensors is read and written", async () => {
  assertEquals(decodeSafetensors(await encodeSafetensors({})), {});
  assertEquals(decodeSafetensors(file({})), {});
});

Deno.test("every type that is read becomes float32, int32 or bool", async () => {
  const cases: [string, ArrayBufferView, string, number[]][] = [
    ["F32", Float32Array.of(1.5, -2), "float32", [1.5, -2]],
    ["F64", Float64Array.of(0.1, -1e-50, 1e300), "float32", [0.10000000149011612, -0, Infinity]],
    // numpy.float16([1.5, -2, 65504, 6e-8, 6.1e-5, inf, nan, -0.0, 0.333])
    [
      "F16",
      Uint16Array.of(15872, 49152, 31743, 1, 1023, 31744, 32256, 32768, 13652),
      "float32",
      [1.5, -2, 65504, 5.960464477539063e-8, 6.097555160522461e-5, Infinity, NaN, -0, 0.3330078125],
    ],
    // torch.tensor([1.5, -2, 3.3895e38, 1e-40, inf, -0.0, 0.333]).bfloat16()
    [
      "BF16",
      Int16Array.of(16320, -16384, 32639, 1, 32640, -32768, 16042),
      "float32",
      [1.5, -2, 3.3895313892515355e38, 9.183549615799121e-41, Infinity, -0, 0.33203125],
    ],
    ["I64", BigInt64Array.of(-2147483648n, 2147483647n, 0n), "int32", [-2147483648, 2147483647, 0]],
    ["I32", Int32Array.of(-7, 8), "int32", [-7, 8]],
    ["I16", Int16Array.of(-32768, 8), "int32", [-32768, 8]],
    ["I8", Int8Array.of(-128, 8), "int32", [-128, 8]],
    ["U32", Uint32Array.of(2147483647), "int32", [2147483647]],
    ["U16", Uint16Array.of(65535), "int32", [65535]],
    ["U8", Uint8Array.of(255, 0), "int32", [255, 0]],
    ["BOOL", Uint8Array.of(1, 0, 1), "bool", [1, 0, 1]],
  ];
  for (const [dtype, array, as, wanted] of cases) {
    const { t } = decodeSafetensors(one(dtype, [wanted.length], array));
    assertEquals([t.dtype as string, t.shape], [as, [wanted.length]], dtype);
    assertEquals(Array.from(await t.data()), wanted, dtype);
  }
});

Deno.test("a file inside a larger buffer is read, at whatever offset", async () => {
  const bytes = one("F32", [2], Float32Array.of(4, 5)), buffer = new Uint8Array(bytes.length + 10);
  buffer.set(bytes, 3);
  const { t } = decodeSafetensors(buffer.subarray(3, 3 + bytes.length));
  assertEquals(await t.toArray(), [4, 5]);
});

Deno.test("whole numbers that do not fit in int32 are refused, and nothing is left behind", () => {
  const before = undisposed(device);
  const refuse = (dtype: string, array: ArrayBufferView, value: string) =>
    assertRefuses(
      () => decodeSafetensors(one(dtype, [1, 2], array)),
      RangeError,
      `Cannot decode safetensors as ${dtype} values must fit in int32: t of shape [1, 2] has ${value}`,
    );
  refuse("I64", BigInt64Array.of(1n, 2147483648n), "2147483648");
  refuse("I64", BigInt64Array.of(-2147483649n, 0n), "-2147483649");
  refuse("I64", BigInt64Array.of(4294967296n, 0n), "4294967296");
  refuse("I64", BigInt64Array.of(9007199254740993n, 0n), "9007199254740993");
  refuse("U32", Uint32Array.of(0, 2147483648), "2147483648");
  assertEquals(undisposed(device), before);
});

Deno.test("metadata that is null is none", () => {
  const bytes = file({ __metadata__: null, t: { dtype: "U8", shape: [1], data_offsets: [0, 1] } }, [7]);
  assertEquals(safetensorsMetadata(bytes), {});
  assertEquals(Object.keys(decodeSafetensors(bytes)), ["t"]);
});

Deno.test("another kind of file is refused with what it is and what to do", async () => {
  const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const zip = (name: string) =>
    bytes(`PK\x03\x04${"\0".repeat(22)}${String.fromCharCode(name.length)}\0\0\0${name}${"\0".repeat(30)}`);
  const convert =
    "in Python, torch.save(torch.load(path, weights_only=True), new_path) makes one that loadTorch reads";
  const cases: [Uint8Array, string][] = [
    [zip("archive/data.pkl"), "a PyTorch checkpoint (.pt, .pth, .bin), which loadTorch(bytes) reads"],
    [
      bytes("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."),
      `a file of PyTorch before 1.6: ${convert}`,
    ],
    [bytes("\x80\x04\x95\x12\0\0\0\0\0\0"), `a Python pickle, as PyTorch before 1.6 writes: ${convert}`],
    [zip("weight.npy"), "NumPy arrays (.npz)"],
    [zip("model.safetensors"), "a zip archive, to be unpacked first"],
    [
      bytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 242\n"),
      "a Git LFS pointer in place of the file, which `git lfs pull` fetches",
    ],
    [
      bytes("<!doctype html>\n<html><head>"),
      "an HTML page, as a server sends it about a file or in its place: download the file itself",
    ],
    [
      bytes('<?xml version="1.0"?><Error><Code>AccessDenied'),
      "XML, as a server sends it in place of a file that it does not give",
    ],
    [bytes('{"metadata": {"total_size": 1}}'), "JSON"],
    [bytes("\x89HDF\r\n\x1a\n\0\0"), "an HDF5 file, as Keras writes (.h5)"],
    [bytes("\x93NUMPY\x01\0v\0{"), "a NumPy array (.npy)"],
    [await gzip(file({})), "a file packed with gzip, which gunzip(bytes) unpacks"],
    [idxBytes([3], [1, 2, 3]), "an IDX file, which parseIdx(bytes) reads"],
  ];
  for (const [given, what] of cases) {
    assertRefuses(
      () => decodeSafetensors(given),
      SyntaxError,
      `Cannot decode safetensors as the bytes must be a safetensors file: they are ${what}`,
    );
  }
  assertRefuses(
    () => parseIdx(file({})),
    SyntaxError,
    "Cannot parse IDX as a file must begin with two zero bytes: it is a safetensors file, which " +
      "decodeSafetensors(bytes) reads",
  );
});

Deno.test("metadata is written and read, and none is none", async () => {
  const metadata = { format: "pt", "émoji 🙂": "two\nlines" };
  assertEquals(safetensorsMetadata(await encodeSafetensors({ x: zeros([3]) }, metadata)), metadata);
  assertEquals(safetensorsMetadata(await encodeSafetensors({ x: zeros([3]) })), {});
  assertEquals(Object.keys(decodeSafetensors(await encodeSafetensors({ x: zeros([3]) }, metadata))), ["x"]);
});

Deno.test("a corrupt or truncated file is refused with what is wrong", () => {
  const t = (dtype: unknown, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });
  const a = t("F32", [1], [0, 4]), json = "its header must be a JSON object";
  const types = "the dtype of a must be one of F64, F32, F16, BF16, I64, I32, I16, I8, U32, U16, U8, BOOL";
  const lie = "tensors must lie one after the other, the next at byte";
  const places = "the data_offsets of a must be where it begins and ends";
  const cut = "so it is cut short or no safetensors file";
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "the header's length takes 8 bytes: found 0"],
    [new Uint8Array(7), "the header's length takes 8 bytes: found 7"],
    [file("{}", [], 3n), `its header takes 3 bytes: found 2, ${cut}`],
    [file("{}", [], 2n ** 64n - 1n), `its header takes 18446744073709551615 bytes: found 2, ${cut}`],
    [file(""), `${json}: it is empty`],
    [file("[]"), `${json}: it begins with 0x5b`],
    [file(" {}"), `${json}: it begins with 0x20`],
    [file({ a: t("F8", [1], [0, 1]) }, [0]), `${types}: "F8"`],
    [file({ a: t("toString", [1], [0, 1]) }, [0]), `${types}: "toString"`],
    [file({ a: null }), `${types}: it is missing`],
    [file({ a: t("F32", [-1], [0, 4]) }, Array(4)), "the shape of a must be whole numbers: [-1]"],
    [file({ a: t("F32", 1, [0, 4]) }, Array(4)), "the shape of a must be whole numbers: 1"],
    [file({ a: t("F32", [1], undefined) }, Array(4)), `${places}: it is missing`],
    [file({ a: t("F32", [1], [4, 0]) }, Array(4)), `${places}: [4,0]`],
    [file({ a: t("F32", [1], [0, 4, 8]) }, Array(8)), `${places}: [0,4,8]`],
    [file({ a: t("F32", [1], [-4, 0]) }, Array(4)), `${places}: [-4,0]`],
    [
      file({ a: t("F32", [2, 3], [0, 20]) }, Array(20)),
      "a, F32 of shape [2, 3], takes 24 bytes: its data_offsets are [0,20]",
    ],
    [file({ a, b: t("F32", [1], [0, 4]) }, Array(4)), `${lie} 4: b begins at 0`],
    [file({ a, b: t("F32", [1], [2, 6]) }, Array(6)), `${lie} 4: b begins at 2`],
    [file({ a, b: t("F32", [1], [8, 12]) }, Array(12)), `${lie} 4: b begins at 8`],
    [file({ b: t("F32", [1], [4, 8]) }, Array(8)), `${lie} 0: b begins at 4`],
    [file({ a }, Array(3)), "its tensors take 4 bytes: found 3"],
    [file({ a }, Array(5)), "its tensors take 4 bytes: found 5"],
    [file({ __metadata__: { n: 1 } }), '__metadata__ must be texts by name: {"n":1}'],
    [file({ __metadata__: ["a"] }), '__metadata__ must be texts by name: ["a"]'],
  ];
  for (const [bytes, message] of cases) {
    for (const decode of [decodeSafetensors, safetensorsMetadata]) {
      assertRefuses(() => decode(bytes), SyntaxError, `Cannot decode safetensors as ${message}`);
    }
  }
});

Deno.test("a name that is there twice is refused, wherever it is and however it is written", () => {
  const t = '{"dtype":"U8","shape":[1],"data_offsets":[0,1]}';
  const cases: [header: string, name: string][] = [
    [`{"a":${t},"a":${t}}`, '"a"'],
    [String.raw`{"a\"}":${t},"\u0061\"}":${t}}`, String.raw`"a\"}"`],
    [`{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}`, '"shape"'],
    [`{"__metadata__":{"k":"1","l":"k","k":"2"},"a":${t}}`, '"k"'],
    [`{"__proto__":${t},"__proto__":${t}}`, '"__proto__"'],
  ];
  for (const [header, name] of cases) {
    for (const decode of [decodeSafetensors, safetensorsMetadata]) {
      assertRefuses(
        () => decode(file(header, [7])),
        SyntaxError,
        `Cannot decode safetensors as every name must be there once: ${name} is there twice`,
      );
    }
  }
  const names = `{"__metadata__":{"a":"a","dtype":"a\\"}"},"a":${t},"b":{"x":[{"a":1},{"a":2}],${
    t.slice(1)
  }}`;
  const [a, b] = [t, t.replace("[0,1]", "[1,2]")].map((text) => JSON.parse(text));
  assertEquals(Object.keys(decodeSafetensors(file(names.replace(/\[0,1\]\}\}$/, "[1,2]}}"), [7, 8]))), [
    "a",
    "b",
  ]);
  assertEquals(Object.keys(decodeSafetensors(file({ a, b }, [7, 8]))), ["a", "b"]);
});

Deno.test("sizes that multiply to 2^53 or more are refused, beside a zero too", () => {
  const refuse = (shape: number[], shown: string) =>
    assertRefuses(
      () => decodeSafetensors(file({ a: { dtype: "F32", shape, data_offsets: [0, 0] } })),
      SyntaxError,
      `Cannot decode safetensors as the sizes of a must multiply to less than 2^53, zeros left out: ${shown}`,
    );
  refuse([0, 2 ** 27, 2 ** 26], "[0,134217728,67108864]");
  refuse([2 ** 52, 0, 2], "[4503599627370496,0,2]");
  refuse([2 ** 27, 2 ** 26], "[134217728,67108864]");
  refuse([...Array(300).fill(9), 0], `[${"9,".repeat(99)}9…`);
  const most = [0, Number.MAX_SAFE_INTEGER];
  const { a } = decodeSafetensors(file({ a: { dtype: "F32", shape: most, data_offsets: [0, 0] } }));
  assertEquals([a.shape, a.size], [most, 0]);
});

Deno.test("errors stay short, whatever the header holds", () => {
  const deep = "[".repeat(1e6) + "]".repeat(1e6), long = "x".repeat(1e6);
  const t = (name: string, dtype: string, shape: string, offsets: string) =>
    `{"${name}":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
  const headers = [
    `{"a":${deep}}`,
    t("a", '"F32"', deep, "[0,4]"),
    t("a", deep, "[1]", "[0,4]"),
    t("a", '"F32"', "[1]", deep),
    t("a", `"${long}"`, "[1]", "[0,4]"),
    t(long, '"F32"', "[2]", "[0,4]"),
    t("a", '"F32"', `[${"1,".repeat(1e6)}2]`, "[0,4]"),
    `{"__metadata__":{"a":${deep}}}`,
    `{"${long}":1,"${long}":2}`,
    `{"a":${"[".repeat(1e6)}}`,
  ];
  for (const header of headers) {
    try {
      decodeSafetensors(file(header, Array(4).fill(0)));
    } catch (error) {
      assert(error instanceof SyntaxError, String(error).slice(0, 200));
      assertMatch(error.message, /^Cannot decode safetensors as .{1,201}: .{1,201}$/s);
      continue;
    }
    throw new Error("it was taken");
  }
});

Deno.test("errors show what would steer a terminal as text", () => {
  const shape = [-1], name = "\x1b[2J\x9b31m\r\x00";
  assertRefuses(
    () => decodeSafetensors(file({ [name]: { dtype: "F32", shape, data_offsets: [0, 4] } }, Array(4))),
    SyntaxError,
    "Cannot decode safetensors as the shape of \\u001b[2J\\u009b31m\\u000d\\u0000 must be whole numbers: [-1]",
  );
});

Deno.test("a header of more than 100 MB is refused before it is read", () => {
  const bytes = new Uint8Array(100_000_009).fill(0x20);
  bytes[8] = 0x7b;
  new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
  assertRefuses(
    () => decodeSafetensors(bytes),
    SyntaxError,
    "Cannot decode safetensors as its header takes at most 100000000 bytes: it takes 100000001",
  );
});

Deno.test("where a tensor cannot be made, those made before it are freed", async () => {
  const bytes = await encodeSafetensors({ a: tensor([1]), b: tensor([2]), c: tensor([3]) });
  const before = undisposed(device), { writeBuffer } = GPUQueue.prototype;
  let writes = 0;
  GPUQueue.prototype.writeBuffer = function (...args: Parameters<typeof writeBuffer>) {
    if (++writes === 3) throw new RangeError("no room");
    writeBuffer.apply(this, args);
  };
  try {
    assertThrows(() => decodeSafetensors(bytes), RangeError, "no room");
  } finally {
    GPUQueue.prototype.writeBuffer = writeBuffer;
  }
  assertEquals(undisposed(device), before);
});

Deno.test("a header that is no JSON or no UTF-8 is refused", () => {
  for (const bytes of [file("{a}"), file('{"a'), file("{}x"), file("{\0\0")]) refuseJson(bytes);
  const latin = file('{"é":1}');
  latin[10] = 0xff;
  refuseJson(latin);
});

function refuseJson(bytes: Uint8Array): void {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    assert(error instanceof SyntaxError);
    assert(error.message.startsWith("Cannot decode safetensors as its header must be a JSON object: "));
    return;
  }
  throw new Error("it was taken");
}

Deno.test("a file cut off anywhere is refused", async () => {
  const bytes = await encodeSafetensors({ a: tensor([1, 2]), b: tensor([true]) }, { k: "v" });
  for (let n = 0; n < bytes.length; n++) {
    try {
      decodeSafetensors(bytes.subarray(0, n));
    } catch (error) {
      assert(error instanceof SyntaxError, String(error));
      continue;
    }
    throw new Error(`${n} of ${bytes.length} bytes were taken`);
  }
});

Deno.test("encodeSafetensors() refuses the reserved name and metadata that is no text", async () => {
  const message = async (...args: Parameters<typeof encodeSafetensors>) => {
    try {
      await encodeSafetensors(...args);
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  assertEquals(
    await message({ __metadata__: zeros([1]) }),
    "RangeError: Cannot encode safetensors as no tensor may be named __metadata__: one is",
  );
  assertEquals(
    await message({}, { epoch: 3 as unknown as string }),
    "TypeError: Cannot encode safetensors as metadata must be an object of texts: epoch is 3",
  );
});

Deno.test("a network's state goes into a file and back, also while it is trained on", async () => {
  const net = new nn.Sequential(new nn.Linear(3, 2), new nn.Linear(2, 1));
  const before = await net[0].parameters()[0].data();
  const writing = encodeSafetensors(net.stateDict());
  for (const p of net.parameters()) p.detach().fill(0); // comes after the values were taken
  const other = new nn.Sequential(new nn.Linear(3, 2), new nn.Linear(2, 1));
  other.loadStateDict(decodeSafetensors(await writing));
  assertEquals(await other[0].parameters()[0].data(), before);
});
