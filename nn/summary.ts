/**
 * A table of a network's layers: output shapes, parameters, multiply-adds, bytes.
 *
 * @module
 */
import { signature } from "../ops/core/signature.ts";
import { TENSOR } from "../ops/core/tensor/kinds.ts";
import "../ops/methods.ts";
import { scope } from "../ops/core/scope.ts";
import { show, sizeOf } from "../ops/core/shape.ts";
import type { Module } from "./module.ts";
import { noGrad } from "../ops/core/autograd/autograd.ts";
import { zeros } from "../ops/core/tensor/create.ts";
import { Tensor } from "../ops/core/tensor/tensor.ts";
import { MODULE } from "./module.ts";
import { either, listOf, SHAPE } from "../ops/core/kinds.ts";

/** One layer of a {@linkcode Summary}, in the order in which layers were called. */
export interface SummaryRow {
  /** Path from the network; empty for the network itself. */
  readonly path: string;
  /** Name of the layer's class. */
  readonly type: string;
  /** How many modules the layer lies in. */
  readonly depth: number;
  /** The row's number among the rows of its depth, from 1. */
  readonly index: number;
  /** Shape of its output, of the first tensor where there are several; null if there is none. */
  readonly outputShape: readonly number[] | null;
  /** Elements of the layer's own parameters, not of the modules in it; 0 where the layer was called before. */
  readonly parameters: number;
  /** Whether the layer was called before. */
  readonly recursive: boolean;
  /** Multiplications with additions, as far as they are counted. */
  readonly multiplyAdds: number;
  /** Bytes of the output. */
  readonly bytes: number;
}

/** A row while its layer runs. */
type OpenRow = { -readonly [K in keyof SummaryRow]: SummaryRow[K] };

/** Sums over a network. */
export interface SummaryTotals {
  /** Elements of all parameters, also of parameters that no call used. */
  readonly parameters: number;
  /** Elements of the parameters that require a gradient. */
  readonly trainable: number;
  /** Multiplications with additions of all layers. */
  readonly multiplyAdds: number;
  /** Bytes of the inputs. */
  readonly inputBytes: number;
  /** Bytes of the outputs of layers that have parameters, twice: forward, and their gradients. */
  readonly passBytes: number;
  /** Bytes of the parameters. */
  readonly parameterBytes: number;
}

/** What {@linkcode summary} returns; as text it is a table. */
export interface Summary {
  /** A row for each call of a module. */
  readonly rows: readonly SummaryRow[];
  /** The sums. */
  readonly totals: SummaryTotals;
  /** The table. */
  toString(): string;
}

const takes = signature("make a summary", {
  net: MODULE,
  input: either(TENSOR, SHAPE, listOf(TENSOR, "tensors")),
});

/**
 * Runs a network once, in evaluation mode and without recording, and describes each layer. No tensors are left behind.
 *
 * Multiply-adds are counted as torchinfo counts them, for modules that contain no other modules: in a convolution (a
 * class with `Conv` in its name) each parameter counts once for each place of the output and each example; in `Linear`
 * once for each row; in any other layer once for each example. A layer without parameters counts as 0.
 *
 * @param net The network.
 * @param input Shape of its input, filled with zeros; or the input, or all inputs.
 * @returns Rows and totals; `String(…)` and `console.log` show the table.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, summary } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Conv2d(1, 6, 5, { padding: 2 }), new nn.Flatten(), new nn.Linear(4704, 10));
 * const { rows, totals } = summary(net, [1, 1, 28, 28]);
 * assertEquals(rows.map((row) => row.outputShape), [[1, 10], [1, 6, 28, 28], [1, 4704], [1, 10]]);
 * assertEquals(totals.parameters, 47206);
 * assertEquals(totals.multiplyAdds, 156 * 784 + 47050);
 * ```
 */
export function summary(net: Module, input: readonly number[] | Tensor | readonly Tensor[]): Summary {
  takes(arguments);
  using _ = scope();
  const inputs = input instanceof Tensor
    ? [input]
    : input.every((v) => v instanceof Tensor) && input.length > 0
    ? input
    : [zeros(input as readonly number[])];
  const rows = observe(net, inputs);
  const parameters = net.parameters();
  const layers = rows.filter(({ path }) => net.getSubmodule(path).children().length === 0);
  const totals: SummaryTotals = {
    parameters: total(parameters.map((p) => p.size)),
    trainable: total(parameters.map((p) => (p.requiresGrad ? p.size : 0))),
    multiplyAdds: total(layers.map((row) => row.multiplyAdds)),
    inputBytes: total(inputs.map((t) => 4 * t.size)),
    passBytes: total(
      layers.map((row) => net.getSubmodule(row.path).ownParameters().length > 0 ? 2 * row.bytes : 0),
    ),
    parameterBytes: total(parameters.map((p) => 4 * p.size)),
  };
  const text = summaryText(rows, totals);
  return {
    rows,
    totals,
    toString: () => text,
    [Symbol.for("Deno.customInspect")]: () => text,
  } as Summary;
}

/** Runs the network with hooks on every module. */
function observe(net: Module, inputs: readonly Tensor[]): SummaryRow[] {
  const rows: SummaryRow[] = [], open: OpenRow[] = [], known = new Set<Module>(), perDepth: number[] = [];
  const modules = net.namedModules();
  const before = (module: Module, path: string) => {
    const depth = open.length, own = module.ownParameters(), recursive = known.has(module);
    known.add(module);
    const row: OpenRow = {
      path,
      type: module.constructor.name,
      depth,
      index: perDepth[depth] = (perDepth[depth] ?? 0) + 1,
      outputShape: null,
      parameters: recursive ? 0 : total(own.map(([, p]) => p.size)),
      recursive,
      multiplyAdds: 0,
      bytes: 0,
    };
    rows.push(row);
    open.push(row);
  };
  const after = (module: Module, output: unknown) => {
    const row = open.pop()!, y = firstTensor(output);
    if (!y) return;
    row.outputShape = y.shape;
    row.bytes = 4 * y.size;
    if (module.children().length === 0) row.multiplyAdds = multiplyAdds(module, y.shape);
  };
  const handles = modules.flatMap(([path, module]) => [
    module.registerForwardPreHook(() => before(module, path)),
    module.registerForwardHook((_, __, output) => after(module, output)),
  ]);
  const modes = modules.map(([, module]) => module.training);
  try {
    net.eval();
    noGrad(() => net.forward(...inputs));
  } finally {
    for (const handle of handles) handle.remove();
    modules.forEach(([, module], k) => module.training = modes[k]!);
  }
  return rows;
}

function multiplyAdds(module: Module, shape: readonly number[]): number {
  const { name } = module.constructor, size = total(module.ownParameters().map(([, p]) => p.size));
  if (name.includes("Conv")) return size * sizeOf([...shape.slice(0, 1), ...shape.slice(2)]);
  return size * (name === "Linear" ? sizeOf(shape.slice(0, -1)) : shape[0] ?? 1);
}

/** The first tensor of an output: a tensor, or what stands in an array or record. */
function firstTensor(output: unknown): Tensor | null {
  if (output instanceof Tensor) return output;
  if (typeof output !== "object" || output === null) return null;
  return Object.values(output).find((v) => v instanceof Tensor) ?? null;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, v) => sum + v, 0);
}

const HEADER = ["Layer (type (name): depth-index)", "Output shape", "Parameters", "Mult-adds", "Bytes"];

/** The table of a summary. */
function summaryText(rows: readonly SummaryRow[], totals: SummaryTotals): string {
  const cells = rows.map((row, k) => [
    branch(rows, k) + label(row),
    row.outputShape ? show(row.outputShape) : "--",
    row.recursive ? "(recursive)" : count(row.parameters),
    count(row.multiplyAdds),
    count(row.bytes),
  ]);
  const widths = HEADER.map((title, c) => Math.max(title.length, ...cells.map((row) => row[c]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, c) => c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)).join("  ").trimEnd();
  const rule = "=".repeat(widths.reduce((sum, w) => sum + w + 2, -2));
  const { parameters, trainable, multiplyAdds, inputBytes, passBytes, parameterBytes } = totals;
  return [
    rule,
    line(HEADER),
    rule,
    ...cells.map(line),
    rule,
    `Total parameters: ${number(parameters)}`,
    `Trainable parameters: ${number(trainable)}`,
    `Non-trainable parameters: ${number(parameters - trainable)}`,
    `Total mult-adds: ${number(multiplyAdds)}`,
    rule,
    `Input size: ${megabytes(inputBytes)}`,
    `Forward/backward pass size: ${megabytes(passBytes)}`,
    `Parameters size: ${megabytes(parameterBytes)}`,
    `Estimated total size: ${megabytes(inputBytes + passBytes + parameterBytes)}`,
    rule,
  ].join("\n");
}

function label({ path, type, depth, index }: SummaryRow): string {
  return depth === 0 ? type : `${type} (${path.split(".").at(-1)}): ${depth}-${index}`;
}

/** The branches of the tree before a row: a bar at each depth that a later row returns to. */
function branch(rows: readonly SummaryRow[], k: number): string {
  const { depth } = rows[k]!;
  let text = "";
  for (let level = 1; level <= depth; level++) {
    const next = rows.slice(k + 1).find((row) => row.depth <= level);
    const goesOn = next?.depth === level;
    text += level === depth ? (goesOn ? "├─" : "└─") : (goesOn ? "│  " : "   ");
  }
  return text;
}

function count(n: number): string {
  return n === 0 ? "--" : number(n);
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
