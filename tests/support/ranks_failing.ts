/**
 * Jobs of which one rank fails, and what must be left of them.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { loadCheckpoint, openDevice } from "../../mod.ts";
import { tempFolder } from "../data/_fixtures.ts";
import { type Job, type Kind, processesOf, runRanks } from "./ranks.ts";
import { makeNet } from "./ranks/training_parts.ts";

/** A way to fail, and the message that tells of it. */
export interface Fault {
  readonly name: string;
  readonly message: RegExp;
  readonly env?: Record<string, string>;
  /** Whether the launcher ends all ranks before one can speak: then its message is the one. */
  readonly isSilent?: (kind: Kind) => boolean;
}

const PLACE =
  "(computing the gradients of|averaging the gradients of|updating) body\\.0\\.weight to scale\\.weight";
const SILENCE = new RegExp(
  `^error: Rank 1 died or was stopped at step [89], ${PLACE}: rank 2 has not heard of it for \\d\\.\\d s; ` +
    "the job ends, and its last checkpoint is ",
  "m",
);

const failed = (what: string) =>
  new RegExp(
    `^error: Rank 1 failed at step 9, ${PLACE}: ${what}; the job ends, and its last checkpoint is `,
    "m",
  );

/** The ways to fail. */
export const FAULTS: readonly Fault[] = [
  { name: "throw", message: failed("RangeError: Cannot go on as the test must fail: it does") },
  { name: "exit", message: failed("the process ended before it had left the group") },
  { name: "kill", message: SILENCE, isSilent: (kind) => kind === "mpich" },
  { name: "stop", message: SILENCE },
  {
    name: "memory",
    message: SILENCE,
    env: { DENO_V8_FLAGS: "--max-old-space-size=150" },
    isSilent: (kind) => kind === "mpich",
  },
];

/** Milliseconds in which this process was awake: a machine that is too busy for a timer is too busy for a job's end. */
class WakingClock {
  readonly #samples: [time: number, awake: number][] = [[Date.now(), 0]];
  readonly #timer = setInterval(() => {
    const now = Date.now(), [before, awake] = this.#samples.at(-1)!;
    this.#samples.push([now, awake + Math.min(now - before, 60)]);
  }, 20);

  between(start: number, end: number): number {
    const at = (time: number) => this.#samples.findLast(([sampled]) => sampled <= time)?.[1] ?? 0;
    return at(end) - at(start);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Runs three ranks of which the second fails so, and checks the end. */
export async function checkFailure(kind: Kind, { name, message, env, isSilent }: Fault): Promise<void> {
  await using folder = await tempFolder();
  const file = join(folder.path, "last.safetensors");
  using clock = new WakingClock();
  const job = await runRanks(kind, 3, "failing.ts", { args: [name, "1", file], env });
  const ended = Date.now(), fault = Number(/fault at (\d+)/.exec(job.stderr)?.[1]);
  assert(job.code !== 0, "the job's exit code says that it failed");
  const took = clock.between(fault, ended);
  assert(took < 5000, `${name} of ${kind} took ${took} ms, of ${ended - fault} by the clock:\n${job.stderr}`);
  const ours = job.stderr.split("\n").filter((line) => line.startsWith("error: Rank"));
  if (isSilent?.(kind)) {
    assertMatch(job.stdout + job.stderr, /EXIT STRING: /);
    assert(ours.length <= 1, job.stderr);
  } else {
    assertEquals(ours.length, 1, job.stderr);
    assertMatch(ours[0], message);
    assert(ours[0].endsWith(file), ours[0]);
  }
  assertEquals(await leftOf(job), [], "no process is left, and no zombie");
  await openDevice();
  const net = makeNet();
  await loadCheckpoint(file, { net });
  net.dispose();
}

/** Milliseconds that the system may take to clear what was killed away. */
const CLEARING = 2000;

/** What is left of a job when the system has had time to clear away what was killed. */
async function leftOf(job: Job): Promise<string[]> {
  for (const start = performance.now();;) {
    const left = await processesOf(job);
    if (left.length === 0 || performance.now() - start > CLEARING) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
