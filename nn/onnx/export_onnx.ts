/**
 * Writing a network as an ONNX file, which other runtimes run.
 *
 * @module
 */
import { refuseInCapture } from "../../ops/core/recorder.ts";
import { Scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import { zeros } from "../../ops/core/tensor/create.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { VERSION } from "../../ops/core/version.ts";
import { MODULE, type Module } from "../module.ts";
import { addCall } from "./_forms.ts";
import { ELEMENT_TYPES, Graph } from "./_graph.ts";
import { Message } from "../../ops/core/protobuf.ts";
import { followed, type Trace, type TracedCall, where } from "./_trace.ts";

/** The version of ONNX's operators, and that of its file format, which came with it. */
const OPSET = 17, IR_VERSION = 8;
/** The names of the input, the output and the free dimension. */
const INPUT = "input", OUTPUT = "output", BATCH = "batch";

/** A graph, and what goes in and out of it. */
interface Exported {
  readonly graph: Graph;
  readonly output: readonly number[];
  readonly dtype: Tensor["dtype"];
}

/** All tensors in the arguments and options of a call. */
function tensorsOf({ args, options }: TracedCall): Tensor[] {
  return [...args, ...Object.values(options)].flat().filter((v) => v instanceof Tensor);
}

/** The calls that the output depends on, in their order. */
function neededCalls({ calls, output }: Trace): TracedCall[] {
  const made = new Map(calls.map((call) => [call.y, call])), needed = new Set<TracedCall>();
  const left = [output];
  for (let t = left.pop(); t; t = left.pop()) {
    const call = made.get(t);
    if (!call || needed.has(call)) continue;
    needed.add(call);
    left.push(...tensorsOf(call));
  }
  return calls.filter((call) => needed.has(call));
}

/** Builds the graph of a forward pass. */
function build(net: Module, trace: Trace): Exported {
  // of several names the first
  const names = new Map(Object.entries(net.stateDict()).reverse().map(([name, t]) => [t, name]));
  let constants = 0, user = "the output";
  const nameOf = (t: Tensor) => {
    if (!trace.isMade(t)) return names.get(t) ?? `tensor_${++constants}`;
    const after = trace.lost.length > 0 ? ` (called were also ${[...new Set(trace.lost)].join(", ")})` : "";
    throw new RangeError(
      `Cannot export to ONNX as every tensor must be the input, a parameter, another from before, or come from an ` +
        `operation with a form there: ${user} is of one of shape ${show(t.shape)} that does not${after}`,
    );
  };
  const graph = new Graph(new Map([[trace.input, INPUT]]), nameOf);
  for (const call of neededCalls(trace)) {
    user = `${call.op}${where(call.path)}`;
    addCall(graph, call);
  }
  user = "the output";
  graph.identity(graph.value(trace.output), OUTPUT);
  return { graph, output: trace.output.shape, dtype: trace.output.dtype };
}

/** Refuses a graph that is another one for one example more. */
function expectFree(a: Exported, b: Exported): void {
  const isEqual = (x: Uint8Array, y?: Uint8Array) =>
    x.length === y?.length && x.every((byte, k) => byte === y[k]);
  const other = a.graph.steps.find(({ bytes }, k) => !isEqual(bytes, b.graph.steps[k]?.bytes));
  if (!other && a.graph.steps.length === b.graph.steps.length) return;
  throw new RangeError(
    `Cannot export to ONNX as the number of examples must be free: ${other?.of ?? "forward"} depends on it`,
  );
}

/** An input or output: its name, type and sizes, of which those that grow with the batch are free. */
function valueInfo(
  name: string,
  dtype: Tensor["dtype"],
  shape: readonly number[],
  grown: readonly number[],
): Message {
  const sizes = new Message();
  for (const [d, size] of shape.entries()) {
    const isFree = grown[d] !== size, isBatch = d === 0 && grown[d] === size + 1;
    sizes.add(1, isBatch ? new Message().add(2, BATCH) : isFree ? new Message() : new Message().add(1, size));
  }
  const tensor = new Message().add(1, ELEMENT_TYPES[dtype]).add(2, sizes);
  return new Message().add(1, name).add(2, new Message().add(1, tensor));
}

const takes = signature("export to ONNX", { net: MODULE, input: TENSOR });

/**
 * Writes a network as an ONNX file (opset 17), which ONNX Runtime and others run, in browsers, phones and servers.
 *
 * The forward pass is followed through the operations, in evaluation mode; what does not go through them, such as an `if` on
 * the input's shape, is as it was for this input. The first dimension of the input, the batch, is free: `forward` runs for
 * another number of examples too, and what comes out otherwise is refused. The graph's input is `input`, its output
 * `output`; parameters have their names of the state dict.
 *
 * @param net A module whose `forward` takes one tensor and returns one.
 * @param input An input, `[n, …]`, float32 or int32; its values do not matter.
 * @returns The file's bytes. Rejects with a `RangeError` that names the operation if one has no form in ONNX, or the number
 *   of examples is not free; with a `TypeError` if `forward` returns no tensor; with an `Error` if it writes in place.
 *
 * @example Usage
 * ```ts
 * import { exportOnnx, nn, openDevice, type Tensor, zeros } from "@plunge/plunge";
 * import { assertRejects } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10), new nn.Softmax({ dim: 1 }));
 * const file = await Deno.makeTempFile({ suffix: ".onnx" });
 * await Deno.writeFile(file, await exportOnnx(net, zeros([1, 1, 28, 28])));
 * await Deno.remove(file);
 *
 * class Cumulative extends nn.Module {
 *   override forward(x: Tensor): Tensor {
 *     return x.cumsum({ dim: 1 });
 *   }
 * }
 * await assertRejects(() => exportOnnx(new Cumulative(), zeros([1, 3])), RangeError, "cumsum has none");
 * ```
 */
export async function exportOnnx(net: Module, input: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  takes(arguments);
  refuseInCapture("export to ONNX", "values are not known while a step is captured");
  const { shape, dtype } = input;
  if (shape.length === 0) {
    throw new RangeError("Cannot export to ONNX as input must have a dimension: it is a scalar");
  }
  const modes = net.modules().map((module) => [module, module.training] as const);
  const grown = shape.with(0, shape[0]! + 1);
  let exported: Exported, another: Exported;
  try {
    using _ = new Scope();
    net.eval();
    exported = followed(net, input, (trace) => build(net, trace));
    another = followed(net, zeros(grown, { dtype }), (trace) => build(net, trace));
  } finally {
    for (const [module, mode] of modes) module.training = mode;
  }
  expectFree(exported, another);
  const graph = new Message().add(2, "main");
  await exported.graph.writeTo(graph);
  graph.add(11, valueInfo(INPUT, dtype, shape, grown));
  graph.add(12, valueInfo(OUTPUT, exported.dtype, exported.output, another.output));
  const opset = new Message().add(1, "").add(2, OPSET);
  return new Message().add(1, IR_VERSION).add(2, "plunge").add(3, VERSION).add(7, graph).add(8, opset)
    .bytes();
}
