/**
 * The formats that are read from files of others, and what must hold of every file: it is read, or it is refused in words
 * of ours, soon and with nothing left behind.
 *
 * @module
 */
import { AssertionError } from "@std/assert";
import { createHash } from "node:crypto";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { gunzipSync } from "../../data/formats/gunzip.ts";
import { decodeJpeg } from "../../examples/pictures/read_jpeg.ts";
import {
  applyCheckpoint,
  checkCheckpoint,
  checkpointBytes,
} from "../../nn/train/checkpoints/checkpoint_file.ts";
import { readPng } from "../../examples/pictures/read_png.ts";
import {
  Accumulator,
  DataLoader,
  decodeSafetensors,
  encodeSafetensors,
  full,
  getRngState,
  gunzip,
  loadTorch,
  nn,
  ones,
  openDevice,
  optim,
  parseIdx,
  safetensorsMetadata,
  scope,
  Tensor,
  tensor,
  TensorDataset,
  zeros,
} from "../../mod.ts";
import { gzip, idxBytes } from "../data/_fixtures.ts";
import { undisposed } from "./memory.ts";
import { mutated } from "./mutations.ts";
import { zip } from "./zip.ts";

/** A format of files. */
export interface Format {
  readonly name: string;
  /** Whole files, of which the others are made. */
  readonly seeds: readonly Uint8Array[];
  /** Reads a file, and throws an `AssertionError` where what comes of it does not fit together. */
  read(bytes: Uint8Array<ArrayBuffer>): Promise<void> | void;
  /** What is changed in every other file before lengths and checksums are put around it, so that no reader stops there. */
  readonly inside?: {
    readonly seeds: readonly Uint8Array[];
    wrap(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  };
}

const device = await openDevice();

function expect(holds: boolean, what: string): void {
  if (!holds) throw new AssertionError(what);
}

/** What packed files may become here. */
const MOST = 2 ** 22;

function readIdx(bytes: Uint8Array): void {
  const { dtype, shape, data } = parseIdx(bytes, { maxBytes: MOST });
  const size = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
  expect(data.length === size, `${dtype} of shape [${shape}] has ${data.length} elements`);
}

/** Unpacks in both ways, which must agree. */
async function readGzip(bytes: Uint8Array): Promise<void> {
  const ways = [() => gunzipSync(bytes, { maxBytes: MOST }), () => gunzip(bytes, { maxBytes: MOST })];
  const found: unknown[] = [];
  for (const way of ways) {
    try {
      found.push(await way());
    } catch (error) {
      found.push(error);
    }
  }
  const [a, b] = found;
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) {
    expect(a instanceof Error && b instanceof Error, "one way refuses it, the other reads it");
    throw a;
  }
  expect(a.length <= MOST && a.length === b.length && a.every((byte, k) => byte === b[k]), "two ways differ");
}

/** Reads tensors, which must be the same when they are written and read again, and leave nothing behind. */
async function readTensors(
  decode: () => Record<string, Tensor>,
  metadata?: Record<string, string>,
): Promise<void> {
  const before = undisposed(device);
  try {
    const record = decode();
    try {
      const again = decodeSafetensors(await encodeSafetensors(record, metadata));
      await Promise.all(
        Object.entries(record).map(async ([name, t]) => { // read together, which waits once
          const { [name]: other } = again;
          expect(
            `${other?.shape} ${other?.dtype}` === `${t.shape} ${t.dtype}`,
            `${name} is another one when written`,
          );
          const [x, y] = await Promise.all([t.data(), other.data()]);
          expect(x.every((value, k) => Object.is(value, y[k])), `${name} has other values when written`);
        }),
      );
      for (const t of Object.values(again)) t.dispose();
    } finally {
      for (const t of Object.values(record)) t.dispose();
    }
  } finally {
    expect(undisposed(device) === before, "tensors are left");
  }
}

/** A small training, which checkpoints are loaded into. */
function training() {
  const net = new nn.Linear(4, 3), optimizer = new optim.Adam(net.parameters());
  const parts = {
    net,
    optimizer,
    scheduler: new optim.lrScheduler.StepLR(optimizer, { stepSize: 2 }),
    loader: new DataLoader(new TensorDataset(net.weight), { batchSize: 2, shuffle: true }),
    metric: new Accumulator(2),
  };
  net.forward(ones([2, 4])).sum().backward();
  optimizer.step();
  parts.metric.add(1, 2.5);
  return parts;
}
const TRAINING = training();

/** Everything of the training, numbers of tensors too. */
async function stateOfTraining(): Promise<string> {
  using _ = scope();
  const { net, optimizer, scheduler, loader, metric } = TRAINING,
    { state, paramGroups } = optimizer.stateDict();
  const tensors = [...net.parameters(), ...Object.values(state).flatMap((of) => Object.values(of))]
    .filter((value) => value instanceof Tensor);
  const numbers = await Promise.all([...tensors.map((t) => t.data()), metric.values()]);
  return JSON.stringify([
    numbers,
    paramGroups,
    scheduler.stateDict(),
    loader.stateDict(),
    getRngState(),
  ]);
}

/** Loads a checkpoint into a training, which stays as it is where it is refused. */
async function readCheckpoint(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  await checkCheckpoint("memory", bytes);
  const before = undisposed(device), state = await stateOfTraining();
  {
    using _ = scope();
    try {
      applyCheckpoint("memory", bytes, TRAINING);
    } catch (error) {
      expect(await stateOfTraining() === state, `it is refused, and changes the training: ${error}`);
      expect(undisposed(device) === before, "tensors are left");
      throw error;
    }
  }
  expect(undisposed(device) === before, "tensors are left");
}

/** Gives a changed checkpoint the checksum of what it has become, where there is a place for it. */
function wrapCheckpoint(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(bytes), before = '{"__metadata__":{"plunge.checksum":"';
  const place = 8 + before.length,
    text = (from: number, to: number) => new TextDecoder().decode(file.subarray(from, to));
  if (file.length < place + 64 || text(8, place) !== before) return file;
  file.fill("0".charCodeAt(0), place, place + 64);
  file.set(new TextEncoder().encode(createHash("sha256").update(file).digest("hex")), place);
  return file;
}

async function readSafetensors(bytes: Uint8Array): Promise<void> {
  await readTensors(() => decodeSafetensors(bytes), safetensorsMetadata(bytes));
}

async function readTorch(bytes: Uint8Array): Promise<void> {
  await readTensors(() => {
    const { __metadata__: reserved, ...record } = loadTorch(bytes, { maxBytes: MOST }); // a name of safetensors' own
    reserved?.dispose();
    return record;
  });
}

async function readPicture(bytes: Uint8Array): Promise<void> {
  const { values, height, width } = await readPng(bytes, 28, 28);
  expect(values.length === 784 && height === 28 && width === 28, "it has another size");
  expect(Array.from(values).every((v) => v >= 0 && v <= 1 + 1e-9), "its values are not from 0 to 1");
}

async function readJpeg(bytes: Uint8Array): Promise<void> {
  const { data, width, height } = await decodeJpeg(bytes);
  expect(data.length === 4 * width * height, "it has another size");
}

/** Puts the length of a header before it, and bytes for its tensors behind it. */
function wrapHeader(json: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + json.length + DATA.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(DATA, 8 + json.length);
  return bytes;
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length), view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** Makes a PNG of the 13 bytes of its header, 48 of a palette, and its rows before they are packed. */
function wrapPicture(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = bytes.subarray(0, 13), palette = chunk("PLTE", bytes.subarray(13, 61));
  const rows = chunk("IDAT", deflateSync(bytes.subarray(61)));
  const chunks = [
    chunk("IHDR", header),
    ...header[9] === 3 ? [palette] : [],
    rows,
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...chunks.flatMap((part) => [...part])]);
}

/** Header, palette and rows of a picture of 4 by 4 pixels of one kind, interlaced or not. */
function picture(type: number, channels: number, depth: number, interlace: number): Uint8Array {
  // how wide the rows are, which of an interlaced picture come in parts
  const widths = interlace ? [1, 1, 2, 2, 2, 4, 4] : [4, 4, 4, 4];
  const rows = widths.reduce((sum, width) => sum + 1 + Math.ceil(width * channels * depth / 8), 0);
  const palette = Array.from({ length: 48 }, (_, k) => 5 * k);
  return new Uint8Array([
    0,
    0,
    0,
    4,
    0,
    0,
    0,
    4,
    depth,
    type,
    0,
    0,
    interlace,
    ...palette,
    ...Array(rows).fill(0),
  ]);
}

const IMAGE = idxBytes([2, 5, 5], Uint8Array.from({ length: 50 }, (_, k) => 5 * k));
const WIDE = new Uint8Array([0, 0, 0x0d, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0]);
const PACKED = await Promise.all([gzip(IMAGE), gzip(new Uint8Array(3000)), gzip(new Uint8Array())]);
const RECORD = {
  "0.weight": tensor([[1.5, -2, 3], [4, 5, NaN]]),
  "0.bias": zeros([3]),
  steps: full([], 7, { dtype: "int32" }),
  mask: tensor([true, false, true]),
  none: zeros([2, 0]),
};
const SAFE = [await encodeSafetensors(RECORD, { format: "pt", epoch: "3" }), await encodeSafetensors({})];
for (const t of Object.values(RECORD)) t.dispose();
const DATA = Uint8Array.from({ length: 24 }, (_, k) => 9 * k);
const HEADERS = [
  {
    a: { dtype: "F16", shape: [2, 3], data_offsets: [0, 12] },
    b: { dtype: "I32", shape: [3], data_offsets: [12, 24] },
  },
  { __metadata__: { k: "v" }, a: { dtype: "U8", shape: [1, 24, 1], data_offsets: [0, 24] } },
  {
    none: { dtype: "F32", shape: [2, 0], data_offsets: [0, 0] },
    a: { dtype: "F64", shape: [3], data_offsets: [0, 24] },
  },
].map((header) => new TextEncoder().encode(JSON.stringify(header)));
const PICTURES = [[0, 1, 1, 1], [0, 1, 16, 0], [2, 3, 8, 0], [3, 1, 4, 0], [4, 2, 8, 1], [6, 4, 8, 1]]
  .map(([type, channels, depth, interlace]) => picture(type, channels, depth, interlace));
/** Files of PyTorch, and what is in them beside the pickle. */
const TORCH = await Promise.all(
  ["state.pt", "types.pt", "types_protocol_4.pt"].map((name) =>
    Deno.readFile(new URL(`../fixtures/torch/${name}`, import.meta.url))
  ),
);
const STORAGES = Array.from(
  { length: 20 },
  (_, k) => [`a/data/${k}`, new Uint8Array(DATA.buffer, 0, 24)] as const,
);
const tensorPickle = (type: string, count: number, rest: string) =>
  `(X\x07\0\0\0storagectorch\n${type}Storage\nX\x01\0\0\x000X\x03\0\0\0cpuK${
    String.fromCharCode(count)
  }tQ${rest}`;
const PICKLES = [
  `\x80\x02}(X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n(${
    tensorPickle("Float", 6, "K\x00K\x02K\x03\x86K\x03K\x01\x86\x89Nt")
  }RX\x01\0\0\0bctorch._utils\n_rebuild_tensor_v2\n(${
    tensorPickle("Half", 12, "K\x02K\x02K\x02K\x02\x87K\x01K\x05K\x00\x87\x89Nt")
  }Ru.`,
].map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0)));
const wrapPickle = (pickle: Uint8Array) => zip([["a/data.pkl", pickle], ...STORAGES]);
const pack = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

const CHECKPOINTS = [
  await checkpointBytes({
    ...TRAINING,
    settings: { lr: 0.1 },
    extra: { history: [{ trainLoss: 2.5 }], step: 3 },
  }),
];

const JPEGS = await Promise.all(
  ["boot.jpg", "boot_progressive.jpg", "trouser_gray.jpg"].map((name) =>
    Deno.readFile(new URL(`../fixtures/pictures/${name}`, import.meta.url))
  ),
);

/** Every format. */
export const FORMATS: readonly Format[] = [
  {
    name: "IDX",
    seeds: [IMAGE, WIDE, PACKED[0]],
    read: readIdx,
    inside: { seeds: [IMAGE, WIDE], wrap: pack },
  },
  { name: "gzip", seeds: [...PACKED, new Uint8Array([...PACKED[0], 0, 0, ...PACKED[0]])], read: readGzip },
  { name: "safetensors", seeds: SAFE, read: readSafetensors, inside: { seeds: HEADERS, wrap: wrapHeader } },
  { name: "PyTorch", seeds: TORCH, read: readTorch, inside: { seeds: PICKLES, wrap: wrapPickle } },
  {
    name: "checkpoint",
    seeds: CHECKPOINTS,
    read: readCheckpoint,
    inside: { seeds: CHECKPOINTS, wrap: wrapCheckpoint },
  },
  {
    name: "PNG",
    seeds: PICTURES.map(wrapPicture),
    read: readPicture,
    inside: { seeds: PICTURES, wrap: wrapPicture },
  },
  { name: "JPEG", seeds: JPEGS, read: readJpeg },
];

/** How many files were read, and how many refused. */
export interface Outcome {
  read: number;
  refused: number;
}

/** Milliseconds that a file may take, on a busy machine too. */
const MOST_MS = 5000;
/** Letters that an error may have. */
const LONGEST_ERROR = 1000;

/** Whether an error is a refusal in words of ours, and short. */
function isRefusal(error: unknown): boolean {
  return (error instanceof SyntaxError || error instanceof RangeError) &&
    !(error instanceof AssertionError) &&
    /^Cannot .+ as .+: ./s.test(error.message) && error.message.length <= LONGEST_ERROR;
}

/** File number `k` of a format. */
export function fileOf({ seeds, inside }: Format, k: number): Uint8Array<ArrayBuffer> {
  return k % 2 && inside ? inside.wrap(mutated(inside.seeds, k)) : mutated(seeds, k);
}

/** Reads files number `from` to `to - 1` of a format. */
export async function readMutated(format: Format, from: number, to: number): Promise<Outcome> {
  const outcome = { read: 0, refused: 0 };
  for (let k = from; k < to; k++) {
    const bytes = fileOf(format, k), start = performance.now();
    let wrong: unknown;
    try {
      await format.read(bytes);
      outcome.read++;
    } catch (error) {
      if (isRefusal(error)) outcome.refused++;
      else wrong = error;
    }
    const ms = performance.now() - start;
    if (wrong === undefined && ms > MOST_MS) wrong = `it took ${ms} ms`;
    if (wrong !== undefined) {
      throw new AssertionError(`${format.name}, file ${k} (${bytes.subarray(0, 500).toBase64()}): ${wrong}`, {
        cause: wrong,
      });
    }
    if (k % 256 === 0) await device.sync(); // so that what is freed can be used again
  }
  return outcome;
}
