/**
 * PyTorch's files of tensors: a zip archive of a pickle, which says what the tensors are, and of their bytes.
 *
 * The format is described at https://pytorch.org/docs/stable/notes/serialization.html.
 *
 * @module
 */
import { BYTES, TEXT, whole } from "../../ops/core/kinds.ts";
import { show, sizeOf } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import "../../ops/methods.ts";
import { type ElementName, TYPES } from "./_element_types.ts";
import { describe, type Dict, Global, unpickle } from "./_pickle.ts";
import { recognize } from "./recognize.ts";
import { refusals } from "./_refusals.ts";
import { type Stored, tensorsOf } from "./_stored_tensors.ts";
import { readZip } from "./_zip.ts";

/** Options of {@linkcode loadTorch}. */
export interface LoadTorchOptions {
  /**
   * The name of the part that holds the tensors, where they are one part of a larger checkpoint: `"model"` of
   * `torch.save({"model": net.state_dict(), "epoch": 3}, path)`. Names of parts in parts are joined by `/`.
   */
  key?: string;
  /**
   * How many bytes the tensors may take, 2^30 or four times the file's length unless given, whichever is more. Of one
   * number in a file, PyTorch can make a tensor that fills the memory.
   */
  maxBytes?: number;
}

const ACTION = "load a PyTorch file";
const refuse = refusals(ACTION);
/** The part of an archive's file names that all of them have, and the pickle among them. */
const PICKLE = /^([^/]+\/)data\.pkl$/;
/** Dimensions that a tensor may have. */
const MOST_DIMS = 64;

/** Element types by PyTorch's names of their storages. */
const STORAGES: Readonly<Record<string, ElementName>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** The numbers that tensors are views of. */
class Storage {
  readonly dtype: ElementName;
  readonly data: DataView;

  constructor(dtype: ElementName, data: DataView) {
    this.dtype = dtype;
    this.data = data;
  }
}

/** A tensor that has no name yet. */
class Found {
  readonly stored: Omit<Stored, "name">;

  constructor(stored: Omit<Stored, "name">) {
    this.stored = stored;
  }
}

/** The functions that may be called, by their names. */
const CALLS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  "collections.OrderedDict": (args) => {
    if (args.length > 0) throw refuse("an OrderedDict must begin empty", `it is given ${describe(args[0])}`);
    return new Map();
  },
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  "torch._utils._rebuild_parameter": ([tensor]) => {
    if (tensor instanceof Found) return tensor;
    throw refuse("a parameter must be made of a tensor", describe(tensor));
  },
};

function globalOf(name: string): Global {
  if (Object.hasOwn(CALLS, name)) return new Global(name, CALLS[name]);
  if (Object.hasOwn(STORAGES, name)) return new Global(name);
  const isObject = !name.startsWith("torch.") || name.startsWith("torch.nn.");
  const advice = isObject ? ", an object of Python (of a network, torch.save(net.state_dict(), path))" : "";
  throw refuse(
    "it must hold tensors of PyTorch, numbers and texts alone (nothing is executed)",
    name + advice,
  );
}

/** A whole number from 0 up, as sizes are. */
function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What PyTorch's function of this name does: a tensor of a storage, an offset, sizes and strides in elements. */
function rebuildTensor(args: readonly unknown[]): Found {
  const [storage, offset, shape, strides, , , metadata] = args;
  const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize);
  if (!(storage instanceof Storage) || !isSize(offset) || !isSizes(shape) || !isSizes(strides)) {
    throw refuse(
      "a tensor must have a storage, an offset, sizes and strides",
      args.slice(0, 4).map(describe).join(", "),
    );
  }
  if (metadata instanceof Map && metadata.size > 0) {
    throw refuse("a tensor must be neither conjugated nor negated lazily", describe([...metadata.keys()][0]));
  }
  if (shape.length > MOST_DIMS || strides.length !== shape.length) {
    throw refuse(
      `a tensor must have as many strides as sizes, at most ${MOST_DIMS}`,
      `${shape.length} sizes, ${strides.length} strides`,
    );
  }
  const { width } = TYPES[storage.dtype], held = storage.data.byteLength / width;
  const last = shape.reduce((sum, size, d) => sum + (size - 1) * strides[d]!, offset);
  // sizes beside a zero are bounded too: as strides they would be numbers that nobody can hold
  const most = shape.reduce((product, size) => product * (size || 1), 1);
  if (!shape.includes(0) && !(last < held) || most > Number.MAX_SAFE_INTEGER) {
    throw refuse(
      `a tensor must lie in the ${held} elements of its storage`,
      `sizes ${show(shape)}, strides ${show(strides)}, from element ${offset} on`,
    );
  }
  const { dtype, data } = storage, begin = offset * width;
  return new Found({ dtype, shape, data, begin, ...isRowMajor(shape, strides) ? {} : { strides } });
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  return shape.toReversed().every((size, k) => {
    const fits = size === 1 || strides.at(-1 - k) === step;
    step *= size;
    return fits;
  });
}

/** Reads the storages that the pickle names, and the pickle. */
function parse(bytes: Uint8Array): unknown {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw refuse("the bytes must be a zip archive of PyTorch", whatIs(bytes));
  }
  const files = readZip(bytes, refuse), pickles = [...files.keys()].filter((name) => PICKLE.test(name));
  if (pickles.length !== 1) {
    const [first = "nothing"] = files.keys();
    throw refuse(
      "it must be a zip archive of PyTorch, with one data.pkl",
      `it holds ${pickles.length}, and ${first}`,
    );
  }
  const folder = PICKLE.exec(pickles[0]!)![1]!;
  if (files.has(`${folder}constants.pkl`)) {
    throw refuse(
      "it must be a file of torch.save",
      "TorchScript: in Python, torch.save(net.state_dict(), path)",
    );
  }
  const order = files.get(`${folder}byteorder`)?.();
  if (order && new TextDecoder().decode(order).trim() !== "little") {
    throw refuse("its numbers must be little-endian", `byteorder is ${new TextDecoder().decode(order)}`);
  }
  const persistent = (id: unknown) => storageOf(id, files, folder);
  return unpickle(files.get(pickles[0]!)!(), { global: globalOf, persistent, refuse });
}

function whatIs(bytes: Uint8Array): string {
  const begins = bytes.length === 0
    ? "there are none"
    : `they begin with 0x${bytes[0]!.toString(16).padStart(2, "0")}`;
  const other = recognize(bytes);
  return other ? `they are ${other}` : begins;
}

function storageOf(id: unknown, files: ReadonlyMap<string, () => Uint8Array>, folder: string): Storage {
  const [kind, type, key, , count] = Array.isArray(id) ? id : [];
  if (kind !== "storage" || !(type instanceof Global) || typeof key !== "string" || !isSize(count)) {
    throw refuse("what it keeps outside the pickle must be storages", describe(kind ?? id));
  }
  const { [type.name]: dtype } = STORAGES, file = files.get(`${folder}data/${key}`)?.();
  if (dtype === undefined) throw refuse("a storage must have an element type", type.name);
  const wanted = count * TYPES[dtype].width;
  if (file?.length !== wanted) {
    throw refuse(`data/${key} takes ${wanted} bytes`, file ? `it has ${file.length}` : "it is not there");
  }
  return new Storage(dtype, new DataView(file.buffer, file.byteOffset, file.length));
}

/** The part of a checkpoint that holds the tensors. */
function partOf(whole: unknown, key: string | undefined): Dict {
  let part = whole;
  for (const name of key?.split("/") ?? []) {
    if (part instanceof Map && part.has(name)) part = part.get(name);
    else {throw refuse(
        `it must have a part ${key}`,
        part instanceof Map ? `it has ${listOf(part.keys())}` : describe(part),
      );}
  }
  if (part instanceof Map) return part;
  const found = part instanceof Found ? "one tensor: torch.save({name: tensor}, path)" : describe(part);
  throw refuse(key === undefined ? "it must hold tensors by name" : `${key} must be tensors by name`, found);
}

/** The first values, in words. */
function listOf(values: Iterable<unknown>): string {
  const texts: string[] = [];
  for (const value of values) {
    if (texts.push(describe(value)) === 9) break;
  }
  return [...texts.slice(0, 8), ...texts.length > 8 ? ["…"] : []].join(", ") || "none";
}

/** The tensors of a part, with their names; refuses what is no tensor, and says which parts have tensors. */
function storedOf(part: Dict, key: string | undefined): Stored[] {
  const stored: Stored[] = [];
  for (const [name, value] of part) {
    if (typeof name === "string" && value instanceof Found) {
      stored.push({ name, ...value.stored });
      continue;
    }
    const isPart = ([, v]: [unknown, unknown]) =>
      v instanceof Map && [...v.values()].some((each) => each instanceof Found);
    const parts = [...part.entries()].filter(isPart).map(([k]) =>
      describe(key === undefined ? k : `${key}/${k}`)
    );
    const advice = parts.slice(0, 4).map((k) => `{ key: ${k} }`).join(" or ");
    const found = `${describe(name)} is ${describe(value)}`;
    throw refuse(
      "it must hold tensors by name and nothing else",
      advice ? `${found} (a part of it: ${advice})` : found,
    );
  }
  return stored;
}

const takes = signature<LoadTorchOptions>(ACTION, { bytes: BYTES }, {
  key: TEXT,
  maxBytes: whole(0, Number.MAX_SAFE_INTEGER),
});

/**
 * Reads the tensors of a `.pt`, `.pth` or `.bin` file that `torch.save(net.state_dict(), path)` wrote, by PyTorch 1.6 or
 * newer. Nothing of the file is executed: what is no tensor, number or text is refused by its name.
 *
 * Floats of 16, 32 and 64 bits and bfloat16 become float32; whole numbers int32; bool stays. Views of any strides are read,
 * and tensors that shared memory are copies here. Tensors of a GPU are read like others, and parameters as tensors.
 *
 * @param bytes The whole file.
 * @param options Which part of a checkpoint to read, and how large its tensors may be.
 * @returns Tensors by name, in the order of the file; `loadStateDict` takes them.
 * @throws {SyntaxError} If the file is damaged or of another kind, holds other objects than tensors, numbers, texts, lists
 *   and dictionaries, or is of PyTorch before 1.6; or if the part holds something other than tensors by name.
 * @throws {RangeError} If a whole number does not fit in int32, or the tensors take more than `maxBytes` or more than the
 *   adapter has. Whatever is refused, no tensor is left behind.
 *
 * @example A file that is not PyTorch's
 * ```ts
 * import { loadTorch, openDevice } from "@plunge/plunge";
 * import { assertThrows } from "@std/assert";
 *
 * await openDevice();
 * assertThrows(() => loadTorch(new TextEncoder().encode("<html>")), SyntaxError, "they are an HTML page");
 * ```
 *
 * @example A network of PyTorch
 * ```ts ignore
 * const net = new nn.Sequential(new nn.Conv2d(1, 6, 5), new nn.BatchNorm2d(6));
 * net.loadStateDict(loadTorch(await Deno.readFile("net.pt")));
 * net.loadStateDict(loadTorch(await Deno.readFile("checkpoint.pt"), { key: "model" }));
 * ```
 */
export function loadTorch(bytes: Uint8Array, options: LoadTorchOptions = {}): Record<string, Tensor> {
  takes(arguments);
  const { key, maxBytes = Math.max(2 ** 30, 4 * bytes.length) } = options;
  const stored = storedOf(partOf(parse(bytes), key), key);
  const size = stored.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  if (size <= maxBytes) return tensorsOf(ACTION, stored);
  throw new RangeError(
    `Cannot ${ACTION} as its tensors must take at most ${maxBytes} bytes (maxBytes: another number): ${size}`,
  );
}
