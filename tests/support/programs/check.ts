/**
 * Checking that programs give what the reference gives, in every way that they can be run.
 *
 * @module
 */
import { type DeviceOptions, openDevice } from "../../../mod.ts";
import { printProgram } from "./print.ts";
import type { Program } from "./program.ts";
import { type Expected, expected } from "./reference/mod.ts";
import { type Failure, failuresOf, type Mode } from "./run.ts";
import { shrink } from "./shrink.ts";

/** A way of running programs: which device, and whether they are captured. */
export interface Way {
  readonly device: Pick<DeviceOptions, "kernels" | "fusion">;
  readonly modes: readonly Mode[];
}

/** Both sets of kernels, as written, captured, and captured without fusion. */
export const WAYS: readonly Way[] = (["cpu", "gpu"] as const).flatMap((kernels) => [
  { device: { kernels }, modes: ["eager", "compiled"] },
  { device: { kernels, fusion: false }, modes: ["compiled"] },
]);

/** Programs that run before anything of them is read. */
const TOGETHER = 50;
/** Failures that are made small; the others are counted. */
const MOST_SHOWN = 5;

/** A failure as it is shown: what differs, and a small program in which it does. */
export async function describeFailure(failure: Failure, device: Way["device"]): Promise<string> {
  const { mode } = failure;
  const alike = (other: Failure) =>
    (other.name === "") === (failure.name === "") &&
    (failure.name !== "" || other.message.slice(0, 40) === failure.message.slice(0, 40));
  const failing = async (program: Program) => (await failuresOf([program], mode)).find(alike);
  const program = await shrink(failure.program, async (p) => await failing(p) !== undefined);
  const { message, name, expected } = await failing(program) ?? failure;
  const options = `{ ${Object.entries(device).map(([k, v]) => `${k}: ${JSON.stringify(v)}`).join(", ")} }`;
  const text = printProgram(program, {
    ...expected,
    compiled: mode === "compiled",
    device: options,
    wanted: name,
  });
  return `program ${failure.program.seed}, ${mode}, ${options}: ${message}\n${text}`;
}

/** Runs programs in some ways; returns what failed, each with its program. The device is closed when it ends. */
export async function failuresIn(ways: readonly Way[], programs: readonly Program[]): Promise<string[]> {
  const wanted = new Map<Program, Expected>(), found: string[] = [];
  let more = 0;
  for (const { device: options, modes } of ways) {
    const device = await openDevice(options);
    for (const mode of modes) {
      for (let at = 0; at < programs.length; at += TOGETHER) {
        const some = programs.slice(at, at + TOGETHER);
        for (const p of some) if (!wanted.has(p)) wanted.set(p, expected(p));
        for (const failure of await failuresOf(some, mode, some.map((p) => wanted.get(p)!))) {
          if (found.length < MOST_SHOWN) found.push(await describeFailure(failure, options));
          else more++;
        }
      }
    }
    device.close();
  }
  return more > 0 ? [...found, `and ${more} more`] : found;
}
