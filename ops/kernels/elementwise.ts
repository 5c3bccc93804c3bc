/**
 * The elementwise family: one program over an iteration space, with any affine access on both sides.
 *
 * One invocation computes four neighbouring elements. What is contiguous in the order of the iteration is loaded and stored as
 * one vec4; what is broadcast, permuted or sliced is addressed lane by lane. Data movement (permute, slice, flip,
 * concatenate, pad) is the identity program with other accesses. As every slice is another one, its text knows no sizes:
 * they are numbers of the dispatch, and so is the offset of any access.
 *
 * @module
 */
import { pick } from "./pick.ts";
import type { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "./adapter.ts";
import {
  type AffineAccess,
  collapse,
  contiguous,
  indexExpression,
  isIdentity,
  numberedWalks,
  sharesFour,
  type Space,
} from "./wgsl/access.ts";
import { type DType, fromStored, STORED_AS, toStored } from "./wgsl/dtype.ts";
import type { Epilogue, EpilogueText } from "./wgsl/epilogue.ts";
import {
  dtypeOf,
  isCopy,
  type Program,
  programFunctions,
  programNumbers,
  programStatements,
  type Ref,
} from "./wgsl/program.ts";
import { type BindingDecl, dispatch, type DispatchNumber, type NumberDecl } from "./wgsl/source.ts";
import { eachLane, inVectors, range, read, u32s, vector, vectorOf, write } from "./wgsl/text.ts";

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
export function elementwise(call: ElementwiseCall, adapter: Adapter): Work {
  const { program, inputs, outputs } = call;
  const n = call.shape.reduce((a, b) => a * b, 1);
  if (n === 0) return { dispatches: [], temporaries: [] };
  const space = collapse({ dims: call.shape, accesses: [...inputs, ...outputs].map((o) => o.access) });
  // A whole vec4 must not be stored where only a part of it is ours.
  const parts = outputs.filter((o) => isPart(o, n)).map((o) => o.storage);
  const isByLane = [...inputs, ...outputs].map(({ storage }) => parts.includes(storage));
  const { accesses, before, numbers, values } = isCopy(program) && space.dims.length <= MOST_NUMBERED
    ? numberedLanes(space, isByLane)
    : writtenLanes(space, isByLane, "at");
  const loads = accesses.slice(0, inputs.length), stores = accesses.slice(inputs.length);
  const bound = bindOnce(call, loads, stores);
  const body = [
    `let i = id * ${LANES}u;`,
    before,
    loads.map((access, k) => load(access, bound.inputs[k]!, `i${k}`, program.inputs[k]!)).join("\n"),
    eachLane(LANES, (l) => programStatements(program, "f", (ref) => laneName(ref, l))),
    "if (i < u.n) {",
    stores.map((access, k) => store(access, bound.outputs[k]!, program, program.outputs[k]!)).join("\n"),
    "}",
  ].join("\n");
  const whole = dispatch(
    {
      name: call.name,
      bindings: bound.bindings,
      numberDecls: [...u32s("n"), ...programNumbers(program, "p"), ...numbers],
      declarations: programFunctions(program, "f"),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    bound.storages,
    [n, ...call.numbers, ...values],
    Math.ceil(n / LANES),
  );
  return { dispatches: [whole], temporaries: [] };
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
  const space = collapse({ dims: shape, accesses: [contiguous(shape), ...inputs.map((o) => o.access)] });
  const own = { dims: space.dims, accesses: space.accesses.slice(1) };
  const lanes = writtenLanes(own, own.accesses.map(() => false), "eat");
  return {
    reads: inputs.map((o) => o.storage),
    writes: extra,
    numbers: [...numbers, ...lanes.values],
    allowsVec4: true,
    text: (width) => programEpilogueText(program, lanes, width),
  };
}

/** The text of an epilogue that runs a program; `accesses` are those of the inputs after the value. */
function programEpilogueText(
  program: Program,
  { accesses, numbers }: Lanes,
  lanes: 1 | 4,
): EpilogueText {
  const [first, ...extra] = program.outputs as [Ref, ...Ref[]];
  const extraTypes = extra.map((ref) => dtypeOf(program, ref));
  return {
    functions: programFunctions(program, "e"),
    bindings: [
      ...accesses.map(({ kind }, k) => {
        const word = STORED_AS[program.inputs[k + 1]!];
        return read(`e${k}`, kind === "vector" ? vectorOf(word, lanes) : word);
      }),
      ...extraTypes.map((dtype, k) => write(`eo${k}`, vectorOf(STORED_AS[dtype], lanes))),
    ],
    numberDecls: [...programNumbers(program, "ep"), ...numbers],
    apply: (v, index, tag) => {
      const element = (l: number) => l === 0 ? `(${index})` : `(${index} + ${l}u)`;
      const name = (ref: Ref, l: number) => {
        if (ref === "i0") return v[l]!;
        if (ref === "n") return `i32${element(l)}`;
        return ref[0] === "p" ? `u.e${ref}` : `e_${tag}_${ref}_${l}`;
      };
      const loads = accesses.map((access, k) => {
        const ref = `i${k + 1}`, whole = `e_${tag}_${ref}_v`;
        const isWhole = access.kind === "vector" && lanes === 4;
        const values = v.map((_, l) => {
          const at = access.kind === "vector" ? element(l) : access.at(element(l), l);
          const word = isWhole ? `${whole}[${l}]` : `e${k}[${at}]`;
          return `let ${name(ref, l)} = ${fromStored(program.inputs[k + 1]!, word)};`;
        });
        return [...(isWhole ? [`let ${whole} = e${k}[${inVectors(index, lanes)}];`] : []), ...values].join(
          "\n",
        );
      });
      const statements = v.map((_, l) => programStatements(program, "e", (ref) => name(ref, l)));
      const stores = extraTypes.map((dtype, k) => {
        const words = v.map((_, l) => toStored(dtype, name(extra[k]!, l)));
        return `eo${k}[${inVectors(index, lanes)}] = ${vector(STORED_AS[dtype], words)};`;
      });
      const code = [...loads, ...statements, ...stores].join("\n");
      return { code, values: v.map((_, l) => name(first, l)) };
    },
  };
}

/** Where an operand's four elements lie: side by side, all in one place, or each in a place of its own. */
type LaneAccess =
  | { kind: "vector" }
  | { kind: "constant" | "scattered"; at: (i: string, lane: number) => string };

/** The accesses of a kernel's operands, and what their texts need. */
interface Lanes {
  readonly accesses: readonly LaneAccess[];
  /** Statements before they are used. */
  readonly before: string;
  readonly numbers: readonly NumberDecl[];
  readonly values: readonly number[];
}

/** Dimensions of a movement up to which its sizes are numbers: a dispatch has room for 64 numbers. */
const MOST_NUMBERED = 16;

/** Whether `n` elements end inside a vec4 of an output that goes on after them, as the first part of a concatenation. */
function isPart(output: Operand, n: number): boolean {
  return n % LANES !== 0 && output.storage.bytes > 4 * n;
}

function kindOf(access: AffineAccess, dims: readonly number[], isByLane: boolean): LaneAccess["kind"] {
  if (isIdentity(access, dims) && !isByLane) return "vector";
  return sharesFour(access, dims) ? "constant" : "scattered";
}

/** Accesses whose sizes and strides are in the text; the offset of access `k` is the number `k` of `name`. */
function writtenLanes({ dims, accesses }: Space, isByLane: readonly boolean[], name: string): Lanes {
  const moved = accesses.map((_, k) => k).filter((k) => accesses[k]!.offset !== 0);
  return {
    accesses: accesses.map((access, k) => {
      const kind = kindOf(access, dims, isByLane[k]!);
      return { kind, at: (i) => indexExpression(access, dims, i, `${name}${k}`) };
    }),
    before: "",
    numbers: u32s(...moved.map((k) => `${name}${k}`)),
    values: moved.map((k) => accesses[k]!.offset),
  };
}

/** Accesses of which the text knows nothing but the number of dimensions. */
function numberedLanes(space: Space, isByLane: readonly boolean[]): Lanes {
  const kinds = space.accesses.map((access, k) => kindOf(access, space.dims, isByLane[k]!));
  const walked = kinds.flatMap((kind, k) => (kind === "vector" ? [] : [k]));
  const walks = numberedWalks({ dims: space.dims, accesses: pick(space.accesses, walked) });
  const further = kinds.includes("scattered") ? range(LANES).slice(1) : [];
  return {
    accesses: kinds.map((kind, k) => ({ kind, at: (_, lane) => walks.at(walked.indexOf(k), `${lane}`) })),
    before: [walks.coordinates("i", "0"), ...further.map((l) => walks.next(`${l - 1}`, `${l}`))].join("\n"),
    numbers: walks.numbers,
    values: walks.values,
  };
}

/** What a kernel binds, and the names of what the inputs and the outputs are bound to. */
interface Bindings {
  bindings: BindingDecl[];
  storages: Storage[];
  inputs: string[];
  outputs: string[];
}

/** A buffer must not be bound twice in different ways: an output that is also an input is bound once. */
function bindOnce(call: ElementwiseCall, loads: LaneAccess[], stores: LaneAccess[]): Bindings {
  const bindings: BindingDecl[] = [], storages: Storage[] = [];
  const bind = (storage: Storage, { kind }: LaneAccess, word: string, access: "read" | "read_write") => {
    const type = kind === "vector" ? vectorOf(word, LANES) : word, k = storages.indexOf(storage);
    if (k >= 0 && bindings[k]!.type === type && bindings[k]!.access === access) return bindings[k]!.name;
    const name = `b${bindings.length}`;
    bindings.push({ name, type, access });
    storages.push(storage);
    return name;
  };
  const outputs = call.outputs.map((o, k) =>
    bind(o.storage, stores[k]!, STORED_AS[dtypeOf(call.program, call.program.outputs[k]!)], "read_write")
  );
  const inputs = call.inputs.map((o, k) => {
    const written = call.outputs.some((out) => out.storage === o.storage);
    return bind(o.storage, loads[k]!, STORED_AS[call.program.inputs[k]!], written ? "read_write" : "read");
  });
  return { bindings, storages, inputs, outputs };
}

function laneName(ref: Ref, lane: number): string {
  if (ref === "n") return `i32(i + ${lane}u)`;
  return ref[0] === "p" ? `u.${ref}` : `${ref}_${lane}`;
}

function load(access: LaneAccess, binding: string, ref: Ref, dtype: DType): string {
  if (access.kind === "vector") {
    const names = eachLane(LANES, (l) => `let ${laneName(ref, l)} = ${fromStored(dtype, `${ref}v[${l}]`)};`);
    return `let ${ref}v = ${binding}[id];\n${names}`;
  }
  if (access.kind === "constant") {
    const value = `let ${ref}c = ${fromStored(dtype, `${binding}[${access.at("i", 0)}]`)};`;
    return `${value}\n${eachLane(LANES, (l) => `let ${laneName(ref, l)} = ${ref}c;`)}`;
  }
  return eachLane(
    LANES,
    (l) => `let ${laneName(ref, l)} = ${fromStored(dtype, `${binding}[${access.at(`(i + ${l}u)`, l)}]`)};`,
  );
}

function store(access: LaneAccess, binding: string, program: Program, ref: Ref): string {
  const dtype = dtypeOf(program, ref);
  const word = (l: number) => toStored(dtype, laneName(ref, l));
  if (access.kind === "vector") {
    return `${binding}[id] = ${vector(STORED_AS[dtype], range(LANES).map(word))};`;
  }
  return eachLane(
    LANES,
    (l) => `if (i + ${l}u < u.n) { ${binding}[${access.at(`(i + ${l}u)`, l)}] = ${word(l)}; }`,
  );
}
