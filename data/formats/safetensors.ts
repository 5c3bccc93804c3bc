/**
 * Safetensors, the file format of checkpoints: the header's length, a header in JSON, then the tensors' bytes.
 *
 * The format is described at https://github.com/huggingface/safetensors.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import "../../ops/methods.ts";
import { METADATA, parseHeader } from "./_safetensors_header.ts";
import { type ElementName, TYPES } from "./_element_types.ts";
import { tensorsOf } from "./_stored_tensors.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import type { DType } from "../../ops/kernels/wgsl/dtype.ts";
import { BYTES, optional, recordOf, TEXT } from "../../ops/core/kinds.ts";

/** How our types are written. */
const WRITTEN_AS: Readonly<Record<DType, ElementName>> = { float32: "F32", int32: "I32", bool: "BOOL" };
/** The tensors begin at a multiple of this. */
const ALIGNMENT = 8;

const takesRecord = signature("encode safetensors", {
  record: recordOf(TENSOR, "tensors"),
  metadata: optional(recordOf(TEXT, "texts")),
});

/**
 * Writes tensors as a safetensors file. They are read together, so that it waits for the GPU once.
 *
 * float32 is written as F32, int32 as I32, bool as BOOL.
 *
 * @param record Tensors by name, such as a network's `stateDict()`.
 * @param metadata Texts by name, for the file's header.
 * @returns The file's bytes.
 * @throws {RangeError} If a tensor is named `__metadata__`, which the format keeps for itself.
 * @throws {TypeError} If a value of the metadata is no text.
 *
 * @example Usage
 * ```ts
 * import { decodeSafetensors, encodeSafetensors, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const bytes = await encodeSafetensors({ "fc.bias": tensor([1.5, -2]) }, { epoch: "3" });
 * assertEquals(await decodeSafetensors(bytes)["fc.bias"].toArray(), [1.5, -2]);
 * ```
 */
export async function encodeSafetensors(
  record: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  takesRecord(arguments);
  if (METADATA in record) {
    throw new RangeError(`Cannot encode safetensors as no tensor may be named ${METADATA}: one is`);
  }
  const tensors = Object.entries(record);
  // words before single bytes, so that every tensor is aligned
  const ordered = [...tensors].sort(([, a], [, b]) =>
    Number(a.dtype === "bool") - Number(b.dtype === "bool")
  );
  const places = new Map<string, [begin: number, end: number]>();
  let end = 0;
  for (const [name, { dtype, size }] of ordered) {
    places.set(name, [end, end += size * TYPES[WRITTEN_AS[dtype]].width]);
  }
  const header = Object.fromEntries([
    ...(metadata ? [[METADATA, metadata] as const] : []),
    ...tensors.map(([name, { dtype, shape }]) =>
      [name, { dtype: WRITTEN_AS[dtype], shape, data_offsets: places.get(name)! }] as const
    ),
  ]);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  bytes.fill(0x20, 8 + json.length, start);
  const values = await Promise.all(ordered.map(([, t]) => t.data()));
  ordered.forEach(([name], i) => {
    const { buffer, byteOffset, byteLength } = values[i]!;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), start + places.get(name)![0]);
  });
  return bytes;
}

const takesBytes = signature("decode safetensors", { bytes: BYTES });

/**
 * Reads the tensors of a safetensors file.
 *
 * F32, F64, F16 and BF16 become float32; F64 is rounded. I8, I16, I32, I64, U8, U16 and U32 become int32, BOOL bool.
 *
 * @param bytes The whole file.
 * @returns Tensors by name, in the order of the header; `loadStateDict` takes them.
 * @throws {SyntaxError} If the file is corrupt or truncated, names a tensor twice, or has a type that is not read; if it
 *   is another kind of file, such as a `.pt` of PyTorch or a pointer of Git LFS, the error says what it is and what to do.
 * @throws {RangeError} If a whole number does not fit in int32, or a tensor is too large for the adapter. Whatever is
 *   refused, no tensor is left behind.
 *
 * @example A checkpoint
 * ```ts
 * import { decodeSafetensors, encodeSafetensors, nn, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(2, 3));
 * const file = await Deno.makeTempFile();
 * await Deno.writeFile(file, await encodeSafetensors(net.stateDict()));
 * const state = decodeSafetensors(await Deno.readFile(file));
 * assertEquals(Object.keys(state), ["0.weight", "0.bias"]);
 * net.loadStateDict(state);
 * await Deno.remove(file);
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array): Record<string, Tensor> {
  takesBytes(arguments);
  const { entries, data } = parseHeader(bytes);
  return tensorsOf("decode safetensors", entries.map((entry) => ({ ...entry, data })));
}

const takesHeader = signature("read safetensors metadata", { bytes: BYTES });

/**
 * Reads the metadata of a safetensors file, without its tensors.
 *
 * @param bytes The whole file.
 * @returns Texts by name; nothing if the file has none.
 * @throws {SyntaxError} If the file is corrupt or truncated.
 *
 * @example Usage
 * ```ts
 * import { encodeSafetensors, safetensorsMetadata } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(safetensorsMetadata(await encodeSafetensors({}, { epoch: "3" })), { epoch: "3" });
 * ```
 */
export function safetensorsMetadata(bytes: Uint8Array): Record<string, string> {
  takesHeader(arguments);
  return parseHeader(bytes).metadata;
}
