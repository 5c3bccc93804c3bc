// Files with the right checksum whose states are of other kinds than what is loaded from them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  Accumulator,
  DataLoader,
  getRngState,
  nn,
  ones,
  openDevice,
  optim,
  rand,
  scope,
  Tensor,
  TensorDataset,
} from "../../../../mod.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../../nn/train/checkpoints/_format.ts";
import { applyCheckpoint, checkpointBytes } from "../../../../nn/train/checkpoints/checkpoint_file.ts";

await openDevice();
const net = new nn.Linear(4, 3), optimizer = new optim.Adam(net.parameters());
const scheduler = new optim.lrScheduler.StepLR(optimizer, { stepSize: 2 });
const loader = new DataLoader(new TensorDataset(rand([60, 4])), { batchSize: 10, shuffle: true });
const metric = new Accumulator(2), parts = { net, optimizer, scheduler, loader, metric };
net.forward(ones([2, 4])).sum().backward();
optimizer.step();
metric.add(1, 2);

type Value = Record<string, unknown>;

/** The paths to everything in a value. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null || value instanceof Tensor) return [path];
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))];
}

/** A copy of a value with something else at a path. */
function withOther(value: unknown, [name, ...rest]: string[], other: unknown): unknown {
  if (name === undefined) return other;
  const copy = (Array.isArray(value) ? [...value] : { ...value as Value }) as Value;
  copy[name] = withOther(copy[name], rest, other);
  return copy;
}

async function stateNow(): Promise<string> {
  using _ = scope();
  const { state, paramGroups } = optimizer.stateDict();
  const tensors = [...net.parameters(), ...Object.values(state).flatMap((of) => Object.values(of))]
    .filter((value) => value instanceof Tensor);
  const numbers = await Promise.all([...tensors.map((t) => t.data()), metric.values()]);
  return JSON.stringify([numbers, paramGroups, scheduler.stateDict(), loader.stateDict(), getRngState()]);
}

Deno.test("a state of another kind is refused in words of ours, and changes nothing", async () => {
  using _ = scope();
  const whole = await checkpointBytes(parts), { content } = decodeCheckpoint(whole);
  const others = [undefined, null, 5, "x", [], {}, [null], { a: null }, true, -1, { "0": 1 }, ones([2])];
  const accepted: string[] = [], before = await stateNow();
  for (const path of pathsOf(content).slice(1)) {
    for (const other of others) {
      const what = `${path.join(".")}: ${other instanceof Tensor ? "a tensor" : JSON.stringify(other)}`;
      const isHole = other === undefined &&
        Array.isArray(path.slice(0, -1).reduce((v, name) => v[name] as Value, content));
      if (isHole) continue; // which no file has
      const bytes = await encodeCheckpoint(withOther(content, path, other) as Value);
      try {
        applyCheckpoint("a", bytes, parts);
        accepted.push(what);
        applyCheckpoint("a", whole, parts);
      } catch (error) {
        assert(error instanceof RangeError || error instanceof SyntaxError, `${what}: ${error}`);
        assertMatch(error.message, /^Cannot load a checkpoint from "a" as /, what);
        assert(
          !/Cannot read prop|is not a function|is not iterable/.test(error.message),
          `${what}: ${error}`,
        );
      }
    }
    assertEquals(await stateNow(), before, path.join("."));
  }
  // numbers for numbers; what was not updated or added to yet; names of classes that need not be the same
  const fine = [
    /^(kinds|kinds\.(net|metric)|loader\.(passes|seed|current|current\..*)|metric\.(numbers|sums)\.\d): /,
    /^(scheduler\.(lastEpoch|options|(baseLrs|lastLr)\.0)|rng\.call|rng\.key\.\d|optimizer\.state\.\d\.step): /,
    /^optimizer\.(paramGroups\.0\.\w+|state|state\.\d): /,
    /^(scheduler\.options\.stepSize): (undefined|5)$/,
    /^loader\.shuffle: true$/,
  ];
  assertEquals(accepted.filter((what) => !fine.some((pattern) => pattern.test(what))), []);
  assert(accepted.length > 20, "what is whole is taken");
});
