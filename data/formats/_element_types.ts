/**
 * The element types that are read from files, under their names in safetensors.
 *
 * @module
 */
import type { DType } from "../../ops/kernels/wgsl/dtype.ts";

/** How an element is read. */
export interface ElementType {
  /** Its bytes. */
  readonly width: number;
  /** What it becomes. */
  readonly as: DType;
  read(data: DataView, at: number): number | bigint;
}

/** The names of the element types in the header of safetensors. */
export const ELEMENT_NAMES = [
  "F64",
  "F32",
  "F16",
  "BF16",
  "I64",
  "I32",
  "I16",
  "I8",
  "U32",
  "U16",
  "U8",
  "BOOL",
] as const;
/** The name of an element type. */
export type ElementName = (typeof ELEMENT_NAMES)[number];

/** Whether a value is the name of an element type. */
export function isElementName(value: unknown): value is ElementName {
  return (ELEMENT_NAMES as readonly unknown[]).includes(value);
}

/** Element types by their names. */
export const TYPES: Readonly<Record<ElementName, ElementType>> = {
  F64: { width: 8, as: "float32", read: (data, at) => data.getFloat64(at, true) },
  F32: { width: 4, as: "float32", read: (data, at) => data.getFloat32(at, true) },
  F16: { width: 2, as: "float32", read: (data, at) => half(data.getUint16(at, true)) },
  BF16: { width: 2, as: "float32", read: (data, at) => float(data.getUint16(at, true) << 16) },
  I64: { width: 8, as: "int32", read: (data, at) => data.getBigInt64(at, true) },
  I32: { width: 4, as: "int32", read: (data, at) => data.getInt32(at, true) },
  I16: { width: 2, as: "int32", read: (data, at) => data.getInt16(at, true) },
  I8: { width: 1, as: "int32", read: (data, at) => data.getInt8(at) },
  U32: { width: 4, as: "int32", read: (data, at) => data.getUint32(at, true) },
  U16: { width: 2, as: "int32", read: (data, at) => data.getUint16(at, true) },
  U8: { width: 1, as: "int32", read: (data, at) => data.getUint8(at) },
  BOOL: { width: 1, as: "bool", read: (data, at) => data.getUint8(at) },
};

const scratch = new DataView(new ArrayBuffer(4));

/** The float32 with these bits. */
function float(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** The number with these 16 bits: sign, five of exponent, ten of fraction (IEEE 754 binary16). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
