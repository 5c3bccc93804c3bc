/**
 * What a family that computes one value per output can do to that value before it stores it.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { BindingDecl, DispatchNumber, NumberDecl } from "./source.ts";
import { components, inVectors, read, vectorOf } from "./text.ts";

/** An epilogue as text, for a kernel that stores one or four neighbouring values at a time. */
export interface EpilogueText {
  /** Functions for the kernel's module scope. */
  readonly functions: string;
  /** Bindings that follow the kernel's own; `reads` then `writes` of the epilogue are bound to them. */
  readonly bindings: readonly BindingDecl[];
  /** Numbers that follow the kernel's own; `numbers` of the epilogue are their values. */
  readonly numberDecls: readonly NumberDecl[];
  /**
   * Statements that turn the f32 expressions `v` (one or four) into `values`, f32 expressions for the kernel to store.
   *
   * @param v What the kernel computed, one expression for each lane.
   * @param index u32 expression: row-major index of the first value in the output; with four lanes a multiple of 4.
   * @param tag Makes the names of this use unique within the kernel.
   */
  apply(v: readonly string[], index: string, tag: string): { code: string; values: string[] };
}

/** Elementwise work after a value is computed and before it is stored. */
export interface Epilogue {
  readonly reads: readonly Storage[];
  readonly writes: readonly Storage[];
  readonly numbers: readonly DispatchNumber[];
  /** Whether four lanes are possible: every extra input and output has its values side by side. */
  readonly allowsVec4: boolean;
  text(lanes: 1 | 4): EpilogueText;
}

/** The epilogue that does nothing. */
export const IDENTITY: Epilogue = {
  reads: [],
  writes: [],
  numbers: [],
  allowsVec4: true,
  text: () => ({
    functions: "",
    bindings: [],
    numberDecls: [],
    apply: (v) => ({ code: "", values: [...v] }),
  }),
};

/** The epilogue that first adds what stands in the same place of `before`. */
export function addingTo(before: Storage, next: Epilogue): Epilogue {
  return {
    ...next,
    reads: [before, ...next.reads],
    text: (lanes) => {
      const text = next.text(lanes);
      return {
        ...text,
        bindings: [read("before", vectorOf("f32", lanes)), ...text.bindings],
        apply: (v, index, tag) => {
          const there = `before_${tag}`, parts = components(there, lanes);
          const { code, values } = text.apply(v.map((value, l) => `(${parts[l]} + ${value})`), index, tag);
          const load = `let ${there} = before[${inVectors(index, lanes)}];`;
          return { code: `${load}\n${code}`, values };
        },
      };
    },
  };
}

/** A pooling of planes of `h * w` values in windows of two by two that do not overlap; odd rests are left out. */
export interface PoolingByTwos {
  readonly kind: "max" | "avg";
  /** Pooled output, its planes `floor(h / 2)` by `floor(w / 2)`. */
  readonly y: Storage;
  /** Where each maximum lies in its plane, u32, if that is wanted. */
  readonly indices: Storage | null;
}

/** Such a pooling by the kernel that computes the values. */
export interface FusedPooling extends PoolingByTwos {
  /** Whether the values themselves are stored too. */
  readonly storeFull: boolean;
}

/** Where the first output of a call goes, and what its kernel does to each value before. */
export interface FirstOutput {
  readonly y: Storage;
  /** Its index is the row-major index in `y`. */
  readonly epilogue: Epilogue;
  /** Work on what comes out of the epilogue, given only to a family that can do it. */
  readonly pooling?: FusedPooling | undefined;
}

/** All that an epilogue adds to a text, as part of a key. */
export function epilogueKey(epilogue: Epilogue): unknown {
  const widths = epilogue.allowsVec4 ? [1, 4] as const : [1] as const;
  return widths.map((lanes) => {
    const text = epilogue.text(lanes);
    return [text, text.apply(["v0", "v1", "v2", "v3"].slice(0, lanes), "index", "tag")];
  });
}
