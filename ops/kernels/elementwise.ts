/**
 * The elementwise family: one program over an iteration space, with any affine access on both sides.
 *
 * One invocation computes four neighbouring elements. What lies in step with the iteration is loaded and stored as
 * one vec4; what is broadcast, permuted or sliced is addressed lane by lane. Data movement (permute, slice, flip,
 * concatenate, pad) is the identity program with other accesses.
 *
 * @module
 */
import type { Dispatch } from "../gpu/kernel.ts";
import type { Storage } from "../gpu/storage.ts";
import {
  type AffineAccess,
  collapse,
  indexExpression,
  isIdentity,
  rowMajor,
  sharesFour,
} from "./wgsl/access.ts";
import { type DType, fromStored, STORED_AS, toStored } from "./wgsl/dtype.ts";
import type { Epilogue } from "./wgsl/epilogue.ts";
import type { Adapter } from "./adapter.ts";
import { dtypeOf, type Program, programFunctions, programStatements, type Ref } from "./wgsl/program.ts";
import { type BindingDecl, dispatch, type DispatchNumber, type NumberDecl } from "./wgsl/source.ts";

/** A tensor's memory and how the iteration walks it. */
export interface Operand {
  readonly storage: Storage;
  readonly access: AffineAccess;
}

/** An elementwise call. An output may share its storage with an input whose access is the same. */
export interface ElementwiseCall {
  readonly name: string;
  readonly shape: readonly number[];
  readonly program: Program;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly numbers: readonly DispatchNumber[];
}

const LANES = 4;

/** Makes the dispatch of an elementwise call. */
export function elementwise(call: ElementwiseCall, adapter: Adapter): Dispatch[] {
  const { program, inputs, outputs } = call;
  const n = call.shape.reduce((a, b) => a * b, 1);
  if (n === 0) return [];
  const space = collapse({ dims: call.shape, accesses: [...inputs, ...outputs].map((o) => o.access) });
  // A whole vec4 must not be stored where only a part of it is ours.
  const parts = outputs.filter((o) => isPart(o, n)).map((o) => o.storage);
  const places = [...inputs, ...outputs].map(({ storage }, k) =>
    place(space.accesses[k], space.dims, parts.includes(storage))
  );
  const inPlaces = places.slice(0, inputs.length), outPlaces = places.slice(inputs.length);
  // A buffer must not be bound twice in different ways: an output that is also an input is bound once.
  const slots = uniqueSlots(call, inPlaces, outPlaces);
  const body = [
    `let i = id * ${LANES}u;`,
    inPlaces.map((p, k) => load(p, slots.inputs[k], `i${k}`, program.inputs[k])).join("\n"),
    lanes((l) => programStatements(program, "f", (ref) => laneName(ref, l))),
    "if (i < u.n) {",
    outPlaces.map((p, k) => store(p, slots.outputs[k], program, program.outputs[k])).join("\n"),
    "}",
  ].join("\n");
  const numbers: NumberDecl[] = [{ name: "n", type: "u32" }];
  program.numbers.forEach((dtype, k) => numbers.push({ name: `p${k}`, type: uniformType(dtype) }));
  return [dispatch(
    {
      name: call.name,
      bindings: slots.bindings,
      numbers: numbers,
      declarations: programFunctions(program, "f"),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    slots.storages,
    [n, ...call.numbers],
    Math.ceil(n / LANES),
  )];
}

/**
 * An epilogue that runs a program whose input 0 is the value.
 *
 * @param inputs Its further inputs.
 * @param extra Where its outputs beyond the first go, each row-major.
 */
export function programEpilogue(
  program: Program,
  shape: readonly number[],
  inputs: readonly Operand[],
  numbers: readonly DispatchNumber[],
  extra: readonly Storage[] = [],
): Epilogue {
  const space = collapse({ dims: shape, accesses: [identityAccess(shape), ...inputs.map((o) => o.access)] });
  const places = space.accesses.slice(1).map((access) => place(access, space.dims, false));
  const inWord = (k: number) => STORED_AS[program.inputs[k + 1]];
  const outType = (k: number) => dtypeOf(program, program.outputs[k + 1]);
  return {
    reads: inputs.map((o) => o.storage),
    writes: extra,
    numbers: numbers,
    allowsVec4: true,
    text: (width) => ({
      functions: programFunctions(program, "e"),
      bindings: [
        ...places.map((p, k): BindingDecl => ({
          name: `e${k}`,
          type: p.kind === "row" ? wide(inWord(k), width) : inWord(k),
          access: "read",
        })),
        ...extra.map((_, k): BindingDecl => ({
          name: `eo${k}`,
          type: wide(STORED_AS[outType(k)], width),
          access: "read_write",
        })),
      ],
      numbers: program.numbers.map((dtype, k) => ({ name: `ep${k}`, type: uniformType(dtype) })),
      apply: (v, index, tag) => {
        const lane = (l: number) => l === 0 ? `(${index})` : `(${index} + ${l}u)`;
        const name = (ref: Ref, l: number) =>
          ref === "i0"
            ? v[l]
            : ref === "n"
            ? `i32${lane(l)}`
            : ref[0] === "p"
            ? `u.e${ref}`
            : `e_${tag}_${ref}_${l}`;
        const code: string[] = [];
        places.forEach((p, k) => {
          const ref = `i${k + 1}`, dtype = program.inputs[k + 1], isWide = p.kind === "row" && width === 4;
          if (isWide) code.push(`let e_${tag}_${ref}_v = e${k}[${lane(0)} / 4u];`);
          for (let l = 0; l < width; l++) {
            const word = isWide
              ? `e_${tag}_${ref}_v[${l}]`
              : `e${k}[${p.kind === "row" ? lane(l) : p.at(lane(l))}]`;
            code.push(`let ${name(ref, l)} = ${fromStored(dtype, word)};`);
          }
        });
        for (let l = 0; l < width; l++) code.push(programStatements(program, "e", (ref) => name(ref, l)));
        extra.forEach((_, k) => {
          const words = v.map((_, l) => toStored(outType(k), name(program.outputs[k + 1], l)));
          const value = width === 4 ? `vec4<${STORED_AS[outType(k)]}>(${words.join(", ")})` : words[0];
          code.push(`eo${k}[${width === 4 ? `${lane(0)} / 4u` : lane(0)}] = ${value};`);
        });
        return { code: code.join("\n"), values: v.map((_, l) => name(program.outputs[0], l)) };
      },
    }),
  };
}

function wide(word: string, width: 1 | 4): string {
  return width === 4 ? `vec4<${word}>` : word;
}

/** Where an operand's four elements lie: side by side, all the same, or each on its own. */
type Place = { kind: "row" } | { kind: "constant" | "scattered"; at: (i: string) => string };

/** Whether `n` elements end inside a vec4 of an output that goes on after them, as the first part of a concatenation. */
export function isPart(output: Operand, n: number): boolean {
  return n % LANES !== 0 && output.storage.bytes > 4 * n;
}

function place(access: AffineAccess, dims: readonly number[], byLanes: boolean): Place {
  if (isIdentity(access, dims) && !byLanes) return { kind: "row" };
  const at = (i: string) => indexExpression(access, dims, i);
  return { kind: sharesFour(access, dims) ? "constant" : "scattered", at };
}

interface BindingSlots {
  bindings: BindingDecl[];
  storages: Storage[];
  /** Binding names of the inputs and of the outputs. */
  inputs: string[];
  outputs: string[];
}

function uniqueSlots(call: ElementwiseCall, inPlaces: Place[], outPlaces: Place[]): BindingSlots {
  const slots: BindingSlots = { bindings: [], storages: [], inputs: [], outputs: [] };
  const add = (storage: Storage, place: Place, word: string, access: "read" | "read_write") => {
    const type = place.kind === "row" ? `vec4<${word}>` : word;
    const k = slots.storages.indexOf(storage);
    if (k >= 0 && slots.bindings[k].type === type && slots.bindings[k].access === access) {
      return slots.bindings[k].name;
    }
    const name = `b${slots.bindings.length}`;
    slots.bindings.push({ name, type, access });
    slots.storages.push(storage);
    return name;
  };
  slots.outputs = call.outputs.map((o, k) =>
    add(o.storage, outPlaces[k], STORED_AS[dtypeOf(call.program, call.program.outputs[k])], "read_write")
  );
  slots.inputs = call.inputs.map((o, k) => {
    const written = call.outputs.some((out) => out.storage === o.storage);
    return add(o.storage, inPlaces[k], STORED_AS[call.program.inputs[k]], written ? "read_write" : "read");
  });
  return slots;
}

function lanes(text: (lane: number) => string): string {
  return Array.from({ length: LANES }, (_, l) => text(l)).join("\n");
}

function laneName(ref: Ref, lane: number): string {
  if (ref === "n") return `i32(i + ${lane}u)`;
  return ref[0] === "p" ? `u.${ref}` : `${ref}_${lane}`;
}

function uniformType(dtype: DType): "f32" | "i32" {
  return dtype === "float32" ? "f32" : "i32";
}

function load(place: Place, slot: string, ref: Ref, dtype: Program["inputs"][number]): string {
  if (place.kind === "row") {
    const names = lanes((l) => `let ${laneName(ref, l)} = ${fromStored(dtype, `${ref}v[${l}]`)};`);
    return `let ${ref}v = ${slot}[id];\n${names}`;
  }
  if (place.kind === "constant") {
    const value = `let ${ref}c = ${fromStored(dtype, `${slot}[${place.at("i")}]`)};`;
    return `${value}\n${lanes((l) => `let ${laneName(ref, l)} = ${ref}c;`)}`;
  }
  return lanes((l) =>
    `let ${laneName(ref, l)} = ${fromStored(dtype, `${slot}[${place.at(`(i + ${l}u)`)}]`)};`
  );
}

function store(place: Place, slot: string, program: Program, ref: Ref): string {
  const dtype = dtypeOf(program, ref);
  const word = (l: number) => toStored(dtype, laneName(ref, l));
  if (place.kind === "row") {
    const words = Array.from({ length: LANES }, (_, l) => word(l)).join(", ");
    return `${slot}[id] = vec4<${STORED_AS[dtype]}>(${words});`;
  }
  return lanes((l) => `if (i + ${l}u < u.n) { ${slot}[${place.at(`(i + ${l}u)`)}] = ${word(l)}; }`);
}

function identityAccess(shape: readonly number[]): AffineAccess {
  return { strides: rowMajor(shape), offset: 0 };
}
