/**
 * The family of many tensors: one program over many tensors of different sizes in one dispatch.
 *
 * The text has a loop for each tensor, one after another, in which a fixed number of invocations stride over the
 * tensor's vec4s: no branch asks which tensor is meant, small tensors cost little and large ones use every invocation.
 * All tensors' buffers are bound at once; only where there are more than the adapter binds are they spread over several
 * dispatches. Sizes are numbers, not text, so that one kernel serves all sets of as many tensors. As buffers are padded
 * to whole vec4s, the last one of a tensor may be ragged.
 *
 * @module
 */
import type { Dispatch, Kernel } from "../gpu/kernel.ts";
import type { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "./adapter.ts";
import { Memo, perOwner } from "./memo.ts";
import { fromStored, STORED_AS, toStored } from "./wgsl/dtype.ts";
import { leastThreads } from "./wgsl/loop_limit.ts";
import {
  dtypeOf,
  type Program,
  programFunctions,
  programNumbers,
  programStatements,
  type Ref,
} from "./wgsl/program.ts";
import {
  type BindingDecl,
  type DispatchNumber,
  kernel,
  type NumberDecl,
  packNumbers,
} from "./wgsl/source.ts";
import { range, read, u32s, vector, vectorOf, write } from "./wgsl/text.ts";

/** One tensor's part: what the program's first inputs are for it. */
export interface Part {
  /** Number of elements. */
  readonly size: number;
  /** Memory of `size` elements each. */
  readonly tensors: readonly Storage[];
  /** Memory that holds this part's elements from `offset` on, as it does other parts' elsewhere. */
  readonly flat: readonly Storage[];
  /** A multiple of 4. */
  readonly offset: number;
}

/** A program over many tensors. Its inputs are a part's `tensors` and `flat` storages, then the scalars. */
export interface ForeachCall {
  readonly name: string;
  readonly program: Program;
  /** The inputs that the program's outputs overwrite. */
  readonly targets: readonly number[];
  /** The parts, each with as many storages as the others. */
  readonly parts: readonly Part[];
  /** Tensors of one element that all parts share. */
  readonly scalars: readonly Storage[];
  readonly numbers: readonly DispatchNumber[];
  /** Storage buffers that a kernel may bind. */
  readonly most: number;
}

const LANES = 4;
/** Numbers that fit in the queue's 256 bytes for each dispatch. */
const MOST_NUMBERS = 64;

/** The storages of a call and of all its parts, as the inputs come. */
function storagesOf({ tensors, flat }: Part, scalars: readonly Storage[]): readonly Storage[] {
  return [...tensors, ...flat, ...scalars];
}

/**
 * Makes the dispatches of a call, one where the bindings of a kernel suffice.
 *
 * The numbers of all dispatches are asked for once a run, by the first.
 */
export function foreach(call: ForeachCall, adapter: Adapter): Work {
  const current: number[] = []; // the call's numbers as of this run
  const dispatches = chunks(call).map((parts, k): Dispatch => {
    const { storages, places } = bindOnce(parts, call.scalars);
    const text = kernelFor(call, places, adapter);
    const sizes = parts.flatMap(({ size, offset }) => [Math.ceil(size / LANES), offset / LANES]);
    const pack = () => {
      if (k === 0) call.numbers.forEach((n, i) => current[i] = typeof n === "number" ? n : n());
      return packNumbers(text.numberDecls, [...sizes, ...current]);
    };
    const vectors = parts.map(({ size }) => Math.ceil(size / LANES));
    const threads = Math.max(Math.min(Math.max(...vectors), adapter.strideThreads), leastThreads(vectors));
    return {
      kernel: text.kernel,
      bind: storages,
      numbers: call.numbers.some((n) => typeof n === "function") ? pack : pack(),
      workgroups: Math.ceil(threads / text.workgroupSize),
    };
  });
  return { dispatches, temporaries: [] };
}

/** Parts that are bound together. */
function chunks({ parts, scalars, numbers, most }: ForeachCall): Part[][] {
  const all: Part[][] = [], mostParts = Math.floor((MOST_NUMBERS - numbers.length) / 2);
  let chunk: Part[] = [], bound = new Set<Storage>();
  for (const part of parts) {
    const more = new Set([...bound, ...storagesOf(part, scalars)]);
    if (chunk.length > 0 && (more.size > most || chunk.length === mostParts)) {
      all.push(chunk);
      chunk = [];
      bound = new Set(storagesOf(part, scalars));
    } else bound = more;
    chunk.push(part);
  }
  if (chunk.length > 0) all.push(chunk);
  return all;
}

/** Binds each storage once; `places` tell, for each part, which binding its inputs have. */
function bindOnce(parts: readonly Part[], scalars: readonly Storage[]) {
  const storages: Storage[] = [], known = new Map<Storage, number>();
  const places = parts.map((part) =>
    storagesOf(part, scalars).map((storage) => {
      const found = known.get(storage);
      if (found !== undefined) return found;
      known.set(storage, storages.length);
      return storages.push(storage) - 1;
    })
  );
  return { storages, places };
}

interface ForeachText {
  readonly kernel: Kernel;
  readonly numberDecls: readonly NumberDecl[];
  readonly workgroupSize: number;
}

/** Texts by program, as writing one takes longer than running a small one. */
const texts = perOwner<Program, Memo<ForeachText>>(() => new Memo());

function kernelFor(call: ForeachCall, places: readonly (readonly number[])[], adapter: Adapter): ForeachText {
  const { name, program, targets, parts, scalars } = call;
  const key = [name, adapter.kernels, targets, parts[0]!.flat.length, scalars.length, places];
  return texts(program).get(key, () => textOf(call, places, adapter));
}

function textOf(
  { name, program, targets, parts, scalars }: ForeachCall,
  places: readonly (readonly number[])[],
  adapter: Adapter,
): ForeachText {
  const { tensors, flat } = parts[0]!, first = tensors.length + flat.length;
  const written = new Set(places.flatMap((own) => targets.map((k) => own[k])));
  const bindings: BindingDecl[] = [];
  places.forEach((own) =>
    own.forEach((b, k) => {
      const word = STORED_AS[program.inputs[k]!], declare = written.has(b) ? write : read;
      bindings[b] ??= declare(`b${b}`, k < first ? vectorOf(word, LANES) : word);
    })
  );
  const numberDecls = [...places.flatMap((_, t) => u32s(`n${t}`, `o${t}`)), ...programNumbers(program, "p")];
  const { workgroupSize } = adapter;
  const text = kernel({
    name,
    bindings,
    numberDecls,
    declarations: programFunctions(program, "f"),
    workgroupSize,
    body: [
      `let threads = nwg.x * nwg.y * ${workgroupSize}u;`,
      ...scalars.map((_, k) =>
        `let i${first + k} = ${fromStored(program.inputs[first + k]!, `b${places[0]![first + k]}[0]`)};`
      ),
      ...places.map((own, t) => {
        const vectors = own.map((b, k) => (k < tensors.length ? `b${b}[j]` : `b${b}[u.o${t} + j]`));
        return loopOverPart(program, targets, vectors.slice(0, first), `u.n${t}`);
      }),
    ].join("\n"),
  });
  return { kernel: text, numberDecls, workgroupSize };
}

/**
 * The loop over the vec4s of one part.
 *
 * @param vectors The vec4 `j` of each input that is not a scalar.
 * @param count How many vec4s there are.
 */
function loopOverPart(
  program: Program,
  targets: readonly number[],
  vectors: readonly string[],
  count: string,
): string {
  const lanes = range(LANES), name = (ref: Ref, l: number) => laneName(ref, l, vectors.length);
  return [
    `for (var j = id; j < ${count}; j += threads) {`,
    ...vectors.map((v, k) => `let i${k}v = ${v};`),
    ...lanes.map((l) =>
      vectors.map((_, k) => `let i${k}_${l} = ${fromStored(program.inputs[k]!, `i${k}v[${l}]`)};`).join(" ")
    ),
    ...lanes.map((l) => programStatements(program, "f", (ref) => name(ref, l))),
    ...program.outputs.map((ref, k) => {
      const dtype = dtypeOf(program, ref), words = lanes.map((l) => toStored(dtype, name(ref, l)));
      return `${vectors[targets[k]!]} = ${vector(STORED_AS[dtype], words)};`;
    }),
    "}",
  ].join("\n");
}

/** What a ref is called in a lane; inputs from `first` on are the scalars. */
function laneName(ref: Ref, lane: number, first: number): string {
  if (ref === "n") return `i32(${LANES}u * j + ${lane}u)`;
  if (ref[0] === "p") return `u.${ref}`;
  return ref[0] === "i" && Number(ref.slice(1)) >= first ? ref : `${ref}_${lane}`;
}
