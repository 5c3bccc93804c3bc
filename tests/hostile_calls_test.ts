// Every export is called with what it does not take, at each place: it answers in words of ours, or gives a result.
import { assertEquals } from "@std/assert";
import { openDevice, scope, Tensor, tensor } from "../mod.ts";
import * as operations from "../ops/mod.ts";
import { methodCalls, operationCalls, otherCalls, type ValidCall } from "./support/valid_calls.ts";

const device = await openDevice();

const disposed = tensor([1, 2]);
disposed.dispose();

/** The error of a proxy whose trap throws: it belongs to who made the proxy. */
const TRAP = "Nothing may look at this";

/** What no call expects everywhere. */
const HOSTILE: readonly unknown[] = [
  undefined,
  null,
  NaN,
  Infinity,
  -1,
  0.5,
  2 ** 31,
  1e300,
  "abc",
  "",
  true,
  [],
  // deno-lint-ignore no-sparse-arrays
  [1, , 2],
  [NaN],
  [-1],
  ["a", "b"],
  [[1], [2, 3]],
  {},
  { dim: "x" },
  { lr: 1, params: 3 },
  Symbol("s"),
  1n,
  () => {},
  class {},
  new Map([[1, 2]]),
  new Set([1]),
  new Date(0),
  Promise.resolve(1),
  Object.create(null),
  new Proxy({}, {}),
  new Proxy({}, {
    getPrototypeOf() {
      throw new Error(TRAP);
    },
  }),
  new Float64Array(2),
  new BigInt64Array(2),
  new ArrayBuffer(4),
  tensor([1, 2]),
  tensor([1, 2], { dtype: "int32" }),
  tensor([true, false]),
  tensor(1),
  tensor([]),
  disposed,
];

/** Words of ours: what was tried, what must hold, what was found. JavaScript's own never have all three. */
const OURS = /^(?:in [\w.]+ \(\w+\): )?Cannot (?!run GPU work)[^]+ as [^]+: /;

/** Calls with WGSL of the user's own. Its errors come when the GPU has read it, so these calls are the last. */
const HAS_TEXT = new Set(["runKernel"]);

/** Calls that do what they say, for too long, or with files where the test runs. */
const LEFT_OUT = new Set([
  "runKernel: invocations is 2147483648",
  'fit: checkpoint is "abc"',
  'saveCheckpoint: argument 0 is "abc"',
]);

/** Milliseconds that no call takes. */
const MOST_MS = 5000;

/** A call with one place made wrong, and how to say so. */
interface WrongCall {
  readonly text: string;
  readonly run: () => unknown;
}

const isOptions = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function show(value: unknown): string {
  try {
    return value instanceof Tensor ? String(value) : Deno.inspect(value, { depth: 1, breakLength: Infinity });
  } catch {
    return "a proxy";
  }
}

/** The right call, and those with a hostile value in place of an argument, or of an option. */
function* wrongCalls({ name, call, args }: ValidCall): Generator<WrongCall> {
  const apply = (given: readonly unknown[]) => call(...given as never[]);
  const count = args().length;
  yield { text: `${name}(…)`, run: () => apply(args()) };
  for (const value of HOSTILE) {
    for (let k = 0; k <= count; k++) { // one too many, too
      yield {
        text: `${name}: argument ${k} is ${show(value)}`,
        run: () => apply(args().toSpliced(k, 1, value)),
      };
      const given = args()[k];
      for (const option of isOptions(given) ? Object.keys(given) : []) {
        const wrong = () => apply(args().with(k, { ...args()[k] as object, [option]: value }));
        yield { text: `${name}: ${option} is ${show(value)}`, run: wrong };
      }
    }
    yield {
      text: `${name}: an option that there is not, ${show(value)}`,
      run: () => apply([...args(), { nothing: value }]),
    };
  }
}

/** What went wrong: any answer but a result or an error of ours. */
async function fault({ run }: WrongCall): Promise<string | null> {
  const start = performance.now();
  using _ = scope();
  try {
    const result = run();
    if (result instanceof Promise) await result;
  } catch (error) {
    if (!(error instanceof Error)) return `threw ${show(error)}`;
    if (!OURS.test(error.message) && error.message !== TRAP) return `${error.name}: ${error.message}`;
  }
  const took = performance.now() - start;
  return took < MOST_MS ? null : `took ${Math.round(took)} ms`;
}

/** The error that GPU work left behind, if any. */
async function gpuFault(): Promise<string | null> {
  try {
    await device.sync();
    return null;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

/** Every `every`-th call of each export; where one leaves an error on the GPU, which. */
async function faults(calls: readonly ValidCall[], every: number): Promise<string[]> {
  const found: string[] = [];
  let n = 0;
  for (const valid of calls.toSorted((a, b) => Number(HAS_TEXT.has(a.name)) - Number(HAS_TEXT.has(b.name)))) {
    const chosen = [...wrongCalls(valid)].filter(({ text }) => n++ % every === 0 && !LEFT_OUT.has(text));
    for (const wrong of chosen) {
      const answer = await fault(wrong);
      if (answer) found.push(`${wrong.text}\n    ${answer}`);
    }
    if (HAS_TEXT.has(valid.name) || await gpuFault() === null) continue;
    for (const wrong of chosen) {
      await fault(wrong);
      const answer = await gpuFault();
      if (answer) found.push(`${wrong.text}\n    left on the GPU: ${answer}`);
    }
  }
  return found;
}

/** One of so many calls is made; `deno test -P --env-file=scripts/tasks.env tests/hostile_calls_test.ts -- all` makes each. */
const EVERY = Deno.args.includes("all") ? 1 : 3;

for (
  const [what, calls] of [
    ["operations", operationCalls(operations)],
    ["methods", methodCalls(operations)],
    ["what else there is", otherCalls(operations)],
  ] as const
) {
  Deno.test(`${what} answer hostile calls in words of ours`, async () => {
    assertEquals(await faults(calls, EVERY), []);
  });
}
