// Traces by the rules of the Trace Event Format, which are written down here a second time.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, nn, openDevice, optim, profile, rand, type Tensor, tensor, VERSION } from "../../../mod.ts";
import { traceOf } from "../../../ops/core/trace.ts";
import type { ProfiledDispatch } from "../../../ops/gpu/profiler.ts";

const device = await openDevice({ merging: false }); // so that it is the same on every adapter
const hasTimestamps = device.gpu.features.has("timestamp-query");

/** A slice of a lane with what lies in it. */
interface Slice {
  name: string;
  category: string;
  inner: Slice[];
}

/**
 * Reads a trace as Perfetto does: an object with `traceEvents`, of which metadata name processes and threads, and
 * complete events are slices that lie within one another by their times. Throws where it breaks a rule.
 */
function readTrace(text: string): Map<string, Slice[]> {
  const { traceEvents, displayTimeUnit } = JSON.parse(text);
  assert(Array.isArray(traceEvents) && ["ms", "ns"].includes(displayTimeUnit));
  const processes = new Map<number, string>(), lanes = new Map<string, Slice[]>();
  const open = new Map<string, { end: number; slice: Slice }[]>(), last = new Map<string, number>();
  for (const event of traceEvents) {
    const { name, ph, ts, dur, pid, tid, cat, args } = event;
    assert(typeof name === "string" && name !== "" && Number.isInteger(pid) && Number.isInteger(tid), name);
    assert(typeof args === "object" && args !== null && !Array.isArray(args));
    if (ph === "M") {
      assert(["process_name", "thread_name"].includes(name) && typeof args.name === "string");
      if (name === "process_name") processes.set(pid, args.name);
      continue;
    }
    assertEquals(ph, "X");
    assert(Number.isFinite(ts) && ts >= 0 && Number.isFinite(dur) && dur >= 0, `${name}: ${ts} ${dur}`);
    const lane = `${processes.get(pid) ?? pid}/${tid}`, stack = open.get(lane) ?? [];
    assert(ts >= (last.get(lane) ?? 0), `${name} begins before what stands in front of it`);
    last.set(lane, ts);
    const begin = Math.round(1000 * ts), end = begin + Math.round(1000 * dur);
    const depth = ["phase", "layer", "kernel"].indexOf(cat);
    assert(depth >= 0, `unknown category ${cat}`);
    // What has ended is closed; of empty slices the categories say how deep they lie.
    while (
      stack.length > 0 && (stack.at(-1)!.end < end || stack.at(-1)!.end <= begin && depthOf(stack) >= depth)
    ) {
      assert(stack.pop()!.end <= begin, `${name} reaches beyond what it lies in`);
    }
    while (stack.length > 0 && depthOf(stack) >= depth) stack.pop();
    const slice = { name, category: cat, inner: [] };
    const outer = stack.at(-1)?.slice.inner ?? lanes.get(lane) ?? [];
    outer.push(slice);
    if (stack.length === 0) lanes.set(lane, outer);
    stack.push({ end, slice });
    open.set(lane, stack);
  }
  return lanes;
}

const depthOf = (stack: readonly { slice: Slice }[]) =>
  ["phase", "layer", "kernel"].indexOf(stack.at(-1)!.slice.category);

/** A tree of slices as text. */
const shown = (slices: readonly Slice[]): string =>
  slices.map(({ name, inner }) => inner.length > 0 ? `${name} { ${shown(inner)} }` : name).join("; ");

/** Every kernel of a tree. */
const kernelsIn = (slices: readonly Slice[]): string[] =>
  slices.flatMap(({ name, category, inner }) => category === "kernel" ? [name] : kernelsIn(inner));

Deno.test("the trace of a training step has its parts, the layers in them and the kernels in these", async () => {
  const net = new nn.Sequential(new nn.Linear(6, 5), new nn.Tanh(), new nn.Linear(5, 3));
  const opt = new optim.SGD(net.parameters(), { lr: 0.1 }), loss = new nn.CrossEntropyLoss();
  const x = rand([4, 6]), y = tensor([0, 1, 2, 0], { dtype: "int32" });
  const step = compile((x: Tensor, y: Tensor) => {
    opt.zeroGrad();
    loss.forward(net.forward(x), y).backward();
    opt.step();
  });
  step(x, y);
  const result = await profile(() => step(x, y)), file = await Deno.makeTempFile({ suffix: ".json" });
  await result.writeTrace(file);
  const text = await Deno.readTextFile(file), lanes = readTrace(text);
  await Deno.remove(file);
  assertEquals([...lanes.keys()], hasTimestamps ? ["GPU/1", "Program/1"] : ["Program/1"]);
  for (const lane of lanes.values()) {
    assertEquals(lane.map(({ name }) => name), ["forward", "backward", "optimizer"]);
    assertEquals(kernelsIn(lane), result.dispatches.map(({ kernel }) => kernel));
    assertEquals(lane[0].inner.map(({ name }) => name), [
      "0 (Linear) + 1 (Tanh)",
      "2 (Linear)",
      "CrossEntropyLoss",
    ]);
    assertEquals(shown(lane.slice(2)), "optimizer { SGD { sgd } }");
  }
  assertEquals(JSON.parse(text).otherData, { device: device.name, plunge: VERSION });
});

const one = (kernel: string, start: number, ms: number, layer = ""): ProfiledDispatch => ({
  kernel,
  purposes: layer === "" ? [] : [{ phase: "forward", layer }],
  start,
  ms,
  recorded: start,
  recordingMs: ms,
  flops: 0,
  bytes: 4,
  workgroups: 1,
});

Deno.test("a trace holds the rules where clocks are coarse, step back, or stand still", () => {
  const coarse = [
    one("a", 0, 0.1, "l"),
    one("b", 0.05, 0.1, "l"),
    one("c", 0.1000004, 0, "m"),
    one("d", 0.1, 0),
  ];
  const lanes = readTrace(JSON.stringify(traceOf(coarse, {})));
  assertEquals(shown(lanes.get("GPU/1")!), "forward { l { a; b } }; other { d }; forward { m { c } }");
  assertEquals(readTrace(JSON.stringify(traceOf([], {}))).size, 0);
});

Deno.test("without timestamps a trace has what the program did", () => {
  const lanes = readTrace(JSON.stringify(traceOf([{ ...one("a", 1, 2, "l"), start: NaN, ms: NaN }], {})));
  assertEquals([...lanes].map(([lane, slices]) => [lane, shown(slices)]), [[
    "Program/1",
    "forward { l { a } }",
  ]]);
});

Deno.test("readTrace() finds what breaks the rules", () => {
  const event = { name: "a", ph: "X", ts: 1, dur: 2, pid: 1, tid: 1, cat: "kernel", args: {} };
  const read = (...traceEvents: unknown[]) =>
    readTrace(JSON.stringify({ traceEvents, displayTimeUnit: "ms" }));
  assertEquals(kernelsIn([...read(event).values()][0]), ["a"]);
  const broken = [
    [{ ...event, ph: "B" }],
    [{ ...event, ts: NaN }],
    [{ ...event, dur: -1 }],
    [{ ...event, pid: "gpu" }],
    [{ ...event, tid: undefined }],
    [{ ...event, cat: undefined }],
    [event, { ...event, ts: 0 }],
    [event, { ...event, ts: 2 }],
    [{ ...event, cat: "phase" }, { ...event, ts: 2 }],
  ];
  for (const events of broken) {
    assertThrows(() => read(...events));
  }
});
