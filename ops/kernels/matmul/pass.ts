/**
 * What the schemes of the matmul family share: the normalised call, batches, and how a value leaves the kernel.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { FirstOutput } from "../wgsl/epilogue.ts";
import type { BindingDecl, DispatchNumber, NumberDecl } from "../wgsl/source.ts";
import { components, inVectors, read, vector, vectorOf, write } from "../wgsl/text.ts";
import type { BlockLoader } from "./tile_product.ts";

/** A matrix product with every field given. Batch dimensions are merged; none means a single matrix. */
export interface MatmulPass extends FirstOutput {
  readonly name: string;
  readonly a: Storage;
  readonly b: Storage;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  /** Whether m changes from batch to batch. */
  readonly mVaries: boolean;
  readonly batches: number;
  readonly batchDims: readonly number[];
  readonly aStrides: readonly number[];
  readonly bStrides: readonly number[];
  readonly bias: Storage | null;
  /** Takes the sums of the rows of `op(a)`, `[chunk, ...batch, m]`. */
  readonly rowSums: Storage | null;
  /** How the operands are brought where they are no matrices in memory, in workgroup tiles alone. */
  readonly operands?: Operands;
  /** Floating-point operations, where they are not those of whole matrices. */
  readonly flops?: number;
}

/** What `a` and `b` are bound as, and how their blocks are brought. */
export interface Operands {
  readonly bindings: readonly [a: BindingDecl, b: BindingDecl];
  readonly a: BlockLoader;
  readonly b: BlockLoader;
}

/** How the sum over k is cut. */
export interface KChunks {
  readonly chunks: number;
  /** Products in a chunk: a multiple of four where there are several. */
  readonly length: number;
  /** Whether sums of chunks are written, `[chunk, ...batch, m, n]`. */
  readonly isPartial?: boolean;
}

/** Text and numbers of the batches. */
export interface BatchText {
  readonly numberDecls: readonly NumberDecl[];
  readonly numbers: readonly number[];
  /** Statements that declare `aBase` and `bBase`, the places of the matrices of batch `batch`. */
  readonly code: string;
}

/** Makes the text that finds the matrices of a batch. */
export function batchText({ batchDims, aStrides, bStrides }: MatmulPass): BatchText {
  const numberDecls: NumberDecl[] = [], numbers: number[] = [];
  const number = (name: string, value: number) => {
    numberDecls.push({ name, type: "u32" });
    numbers.push(value);
    return `u.${name}`;
  };
  const lines: string[] = [], aTerms: string[] = [], bTerms: string[] = [];
  for (let d = batchDims.length - 1; d >= 0; d--) {
    const rest = d === batchDims.length - 1 ? "batch" : `rest${d + 1}`;
    const size = d === 0 ? "" : number(`size${d}`, batchDims[d]!);
    if (d > 0) lines.push(`let rest${d} = ${rest} / ${size};`);
    const coordinate = d === 0 ? rest : `(${rest} % ${size})`;
    aTerms.push(`${coordinate} * ${number(`aStride${d}`, aStrides[d]!)}`);
    bTerms.push(`${coordinate} * ${number(`bStride${d}`, bStrides[d]!)}`);
  }
  lines.push(`let aBase = ${aTerms.join(" + ") || "0u"};`, `let bBase = ${bTerms.join(" + ") || "0u"};`);
  return { numberDecls, numbers, code: lines.join("\n  ") };
}

/** Bias, epilogue and store of one or four neighbouring values. */
export interface MatmulStore {
  readonly lanes: 1 | 4;
  /** The bias, `y`, the sums of rows, and the epilogue's bindings; `storages` are bound to them. */
  readonly bindings: readonly BindingDecl[];
  readonly storages: readonly Storage[];
  readonly numberDecls: readonly NumberDecl[];
  readonly numbers: readonly DispatchNumber[];
  readonly functions: string;
  /** Length of the text that the epilogue costs at each store; 0 where there is none. */
  readonly weight: number;
  /** `v` (f32 or vec4) with the bias of its column, where there is a bias. */
  biased(v: string, column: string): string;
  /** Where in `y`'s binding the element `index` lies. */
  at(index: string): string;
  /** Statements that apply the epilogue to `v` and store it at element `index` of y. */
  store(v: string, index: string, tag: string): string;
}

/** Makes the end of a kernel that computes values of `pass.y`. */
export function matmulStore(pass: MatmulPass): MatmulStore {
  const { bias, rowSums, epilogue } = pass;
  const lanes = pass.n % 4 === 0 && epilogue.allowsVec4 ? 4 : 1;
  const type = vectorOf("f32", lanes);
  const text = epilogue.text(lanes);
  const at = (element: string) => inVectors(element, lanes);
  const store = (v: string, index: string, tag: string) => {
    const parts = components(`v${tag}`, lanes);
    const { code, values } = text.apply(parts, `(${index})`, tag);
    const isPlain = code === "" && values.every((value, l) => value === parts[l]);
    if (isPlain) return `y[${at(index)}] = ${v};`;
    return `let v${tag} = ${v};\n${code}\ny[${at(index)}] = ${vector("f32", values)};`;
  };
  const plain = `y[${at("i")}] = v;`;
  return {
    lanes,
    bindings: [
      ...(bias ? [read("bias", type)] : []),
      write("y", type),
      ...(rowSums ? [write("rowSums", "f32")] : []),
      ...text.bindings,
    ],
    storages: [
      ...(bias ? [bias] : []),
      pass.y,
      ...(rowSums ? [rowSums] : []),
      ...epilogue.reads,
      ...epilogue.writes,
    ],
    numberDecls: text.numberDecls,
    numbers: epilogue.numbers,
    functions: text.functions,
    weight: store("v", "i", "0") === plain ? 0 : store("v", "i", "0").length + text.functions.length,
    biased: (v, column) => bias ? `${v} + bias[${at(column)}]` : v,
    at,
    store,
  };
}

/** Outputs of an invocation or, with workgroup tiles, of a workgroup. */
export interface MatmulTile {
  readonly rows: number;
  readonly columns: number;
}

/** Whether k stays the same from batch to batch. */
export function kIsFixed({ transA, transB, mVaries }: MatmulPass): boolean {
  return !transA || transB || mVaries;
}
