/**
 * The types of elements, and how each looks in memory and in WGSL.
 *
 * @module
 */

/** What a tensor's elements are: numbers, indices and labels, or what comparisons return. */
export type DType = "float32" | "int32" | "bool";

/** How elements of a type are stored: one word of four bytes each. */
export const STORED_AS: Readonly<Record<DType, "f32" | "i32" | "u32">> = {
  float32: "f32",
  int32: "i32",
  bool: "u32",
};

/** The type of a value of a dtype inside a WGSL expression. */
export const VALUE_TYPE: Readonly<Record<DType, string>> = { float32: "f32", int32: "i32", bool: "bool" };

/** WGSL that turns a stored word into a value. */
export function fromStored(dtype: DType, word: string): string {
  return dtype === "bool" ? `(${word} != 0u)` : word;
}

/** WGSL that turns a value into a word to store. */
export function toStored(dtype: DType, value: string): string {
  return dtype === "bool" ? `select(0u, 1u, ${value})` : value;
}
