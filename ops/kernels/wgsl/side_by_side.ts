/**
 * Several dispatches as one: their kernels side by side in one text, each for workgroups of its own.
 *
 * A dispatch costs a GPU some microseconds in which little else runs, and one of few workgroups leaves most of it idle. Work
 * of which none needs what another makes can share a dispatch. The names that a part declares for the whole text are told
 * apart by a prefix; what two parts only read is bound once.
 *
 * @module
 */
import type { Bound, Dispatch } from "../../gpu/kernel.ts";
import { UNIFORM_ALIGNMENT } from "../../gpu/grid.ts";
import { type BindingDecl, kernel, type KernelParts, type NumberDecl, partsOf } from "./source.ts";
import { range, u32s } from "./text.ts";

/** Bytes of workgroup memory that every WebGPU has. */
const LEAST_WORKGROUP_BYTES = 16384;
/** Bytes of the types of which kernels keep arrays in workgroup memory. */
const BYTES: Readonly<Record<string, number>> = { f32: 4, i32: 4, u32: 4, "vec4<f32>": 16, "vec4f": 16 };

/** What a part of a shared dispatch takes. */
export interface Needs {
  readonly workgroupSize: number;
  readonly workgroupBytes: number;
}

/** What a dispatch takes where it shares another's; null where it cannot. */
export function needsOf({ kernel, workgroups }: Dispatch): Needs | null {
  const parts = partsOf(kernel);
  if (!parts || workgroups === 0 || /\bnwg\b/.test(parts.body)) return null; // the grid would be another
  const { declarations = "", workgroupSize } = parts;
  let workgroupBytes = 0;
  for (const [, type] of declarations.matchAll(/var<workgroup>\s*\w+\s*:\s*([^;]+);/g)) {
    const bytes = bytesOf(type!.trim());
    if (bytes === null) return null;
    workgroupBytes += bytes;
  }
  return { workgroupSize, workgroupBytes };
}

/** Bytes of an array of known length, perhaps of arrays; null where that is not known. */
function bytesOf(type: string): number | null {
  const array = /^array<(.+),\s*(\d+)u?>$/.exec(type);
  if (!array) return null;
  const each = BYTES[array[1]!.trim()] ?? bytesOf(array[1]!.trim());
  return each === null ? null : each * Number(array[2]);
}

/** What several kernels bind, and which numbers they take, side by side. */
interface Layout {
  readonly parts: readonly KernelParts[];
  readonly bindings: readonly BindingDecl[];
  readonly bind: readonly Bound[];
  /** What the bindings of each part are called there. */
  readonly names: readonly (readonly string[])[];
  /** The numbers that say where the parts begin, and all numbers. */
  readonly starts: readonly NumberDecl[];
  readonly numberDecls: readonly NumberDecl[];
}

/** Lays several dispatches out as one; null where it would bind too much, or take too many numbers or too much workgroup memory. */
function layoutOf(dispatches: readonly Dispatch[], mostBindings: number): Layout | null {
  const parts = dispatches.map(({ kernel }) => partsOf(kernel)!),
    bindings: BindingDecl[] = [],
    bind: Bound[] = [];
  const names = parts.map((part, k) =>
    part.bindings.map((binding, at) => {
      const bound = dispatches[k]!.bind[at]!;
      const shared = bindings.findIndex((b, i) =>
        bind[i] === bound && b.access === "read" && binding.access === "read" && b.type === binding.type
      );
      if (shared >= 0) return bindings[shared]!.name;
      const name = `p${k}_${binding.name}`;
      bindings.push({ ...binding, name });
      bind.push(bound);
      return name;
    })
  );
  const starts = u32s(...range(Math.ceil((parts.length - 1) / 4) * 4).map((k) => `start${k + 1}`));
  const numberDecls = [...starts, ...parts.flatMap(padded)];
  const bytes = dispatches.reduce((sum, d) => sum + needsOf(d)!.workgroupBytes, 0);
  if (
    bindings.length > mostBindings || 4 * numberDecls.length > UNIFORM_ALIGNMENT ||
    bytes > LEAST_WORKGROUP_BYTES
  ) {
    return null;
  }
  return { parts, bindings, bind, names, starts, numberDecls };
}

/** Whether dispatches of one workgroup size, which do not depend on one another, can be one. */
export function fitSideBySide(dispatches: readonly Dispatch[], mostBindings: number): boolean {
  return layoutOf(dispatches, mostBindings) !== null;
}

/**
 * Makes one dispatch of several, which do not depend on one another.
 *
 * @param dispatches Dispatches of one workgroup size.
 * @param mostBindings Storage buffers that a kernel may bind.
 * @returns The dispatch; null where they do not fit, see {@linkcode fitSideBySide}.
 */
export function sideBySide(dispatches: readonly Dispatch[], mostBindings: number): Dispatch | null {
  const layout = layoutOf(dispatches, mostBindings);
  if (!layout) return null;
  const { parts, bindings, bind, names, starts, numberDecls } = layout;
  const renamed = parts.map((part, k) => renaming(part, k, names[k]!));
  const text: KernelParts = {
    name: parts.map(({ name }) => name).join(" | "),
    bindings,
    numberDecls,
    declarations: parts.map(({ declarations = "" }, k) => renamed[k]!(declarations)).join("\n"),
    workgroupSize: parts[0]!.workgroupSize,
    body: parts.map(({ body }, k) => branch(renamed[k]!(body), k, parts)).join(" else "),
  };
  return {
    kernel: kernel(text),
    bind,
    numbers: together(dispatches, starts.length),
    workgroups: dispatches.reduce((sum, d) => sum + d.workgroups, 0),
    flops: dispatches.reduce((sum, d) => sum + (d.flops ?? 0), 0) || undefined,
  };
}

/** The numbers of a part, as many as its own struct would have places. */
function padded({ numberDecls }: KernelParts, k: number): NumberDecl[] {
  const rest = range(Math.ceil(numberDecls.length / 4) * 4 - numberDecls.length).map((i) => `rest${i}`);
  return [...numberDecls, ...u32s(...rest)].map(({ name, type }) => ({ name: `p${k}_${name}`, type }));
}

/** What writes a text of part `k` with its names told from those of other parts. */
function renaming(part: KernelParts, k: number, bindings: readonly string[]): (text: string) => string {
  const { declarations = "" } = part;
  const global = declarations.matchAll(/\b(?:fn|struct|alias|const|override|var<\w+>)\s+(\w+)/g);
  const names = new Map([...global].map(([, name]) => [name, `p${k}_${name}`]));
  part.bindings.forEach(({ name }, at) => names.set(name, bindings[at]!));
  const word = /(?<![.\w@])(?:u\.(\w+)|([A-Za-z_]\w*))/g; // no member, no attribute, no suffix of a number
  return (text) =>
    text.replaceAll(word, (found, number, name) => number ? `u.p${k}_${number}` : names.get(name) ?? found);
}

/** A part's statements, for its workgroups, counted from its first. */
function branch(body: string, k: number, parts: readonly KernelParts[]): string {
  const isLast = k === parts.length - 1, size = parts[k]!.workgroupSize;
  const count = k === 0 ? "" : `let group = group - u.start${k};\n  let id = group * ${size}u + local;\n`;
  return `${isLast ? "" : `if (group < u.start${k + 1}) `}{\n  ${count}${body}\n}`;
}

/** The numbers of the whole: where the parts begin, then those of each. */
function together(dispatches: readonly Dispatch[], starts: number): Dispatch["numbers"] {
  const begins: number[] = [];
  let next = 0;
  for (const { workgroups } of dispatches) {
    if (next > 0) begins.push(next);
    next += workgroups;
  }
  const head = new Uint8Array(Uint32Array.from({ length: starts }, (_, k) => begins[k] ?? 0).buffer);
  const all = dispatches.map((d) => d.numbers).filter((numbers) => numbers !== null);
  const joined = () => {
    const pieces = [head, ...all.map((numbers) => typeof numbers === "function" ? numbers() : numbers)];
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  };
  return all.some((numbers) => typeof numbers === "function") ? joined : joined();
}
