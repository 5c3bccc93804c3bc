/**
 * The vocabulary of WGSL text that the generators share: ranges, values side by side, bindings and numbers.
 *
 * @module
 */
import type { BindingDecl, NumberDecl } from "./source.ts";

/** How many neighbouring values are loaded, computed or stored as one. */
export type Lanes = 1 | 2 | 4;

/** The whole numbers from 0 up to `end`, which is left out, `by` apart. */
export function range(end: number, by = 1): number[] {
  return Array.from({ length: Math.ceil(end / by) }, (_, i) => i * by);
}

/** The type of `lanes` values side by side: `f32`, `vec4<f32>`. */
export function vectorOf(word: string, lanes: Lanes): string {
  return lanes === 1 ? word : `vec${lanes}<${word}>`;
}

/** One value made of those of all lanes, each an expression of type `word`. */
export function vector(word: string, values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `${vectorOf(word, values.length as Lanes)}(${values.join(", ")})`;
}

/** The values of all lanes of `v`, a name. */
export function components(v: string, lanes: Lanes): string[] {
  return lanes === 1 ? [v] : range(lanes).map((l) => `${v}[${l}]`);
}

/** The text of each lane, one after the other. */
export function eachLane(lanes: number, text: (lane: number) => string): string {
  return range(lanes).map(text).join("\n");
}

/** Where element `index`, a u32 expression, lies in a binding of `lanes` values side by side; it is the first of them. */
export function inVectors(index: string, lanes: Lanes): string {
  return lanes === 1 ? index : `(${index}) / ${lanes}u`;
}

/**
 * The condition that all of `conditions` hold; "" where there are none. Where a condition is written out many times it has
 * no `&&`: that is a branch for each, of which some compilers (SwiftShader's) take time and memory that grow with the square.
 */
export function all(...conditions: readonly string[]): string {
  return conditions.length === 1
    ? conditions[0]!
    : conditions.map((condition) => `(${condition})`).join(" & ");
}

/** Declares an array that the kernel reads. */
export function read(name: string, type: string): BindingDecl {
  return { name, type, access: "read" };
}

/** Declares an array that the kernel writes, and may read. */
export function write(name: string, type: string): BindingDecl {
  return { name, type, access: "read_write" };
}

/** Declares whole numbers of a dispatch. */
export function u32s(...names: string[]): NumberDecl[] {
  return names.map((name) => ({ name, type: "u32" }));
}

/** Declares float32 numbers of a dispatch. */
export function float32s(...names: string[]): NumberDecl[] {
  return names.map((name) => ({ name, type: "f32" }));
}

/** The sum of expressions, added up in pairs, and these in pairs. */
export function inPairs(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = Math.ceil(terms.length / 2);
  return `(${inPairs(terms.slice(0, half))} + ${inPairs(terms.slice(half))})`;
}
