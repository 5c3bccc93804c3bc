/**
 * Runs the programs of a range of seeds in every way, in a process of its own: `run_range.ts FROM TO` prints what failed
 * as JSON. Drivers keep what they compiled for as long as a process lives.
 *
 * @module
 */
import { failuresIn, WAYS } from "./check.ts";
import { randomProgram } from "./generator.ts";

if (import.meta.main) {
  const [from, to] = Deno.args.map(Number);
  const programs = Array.from({ length: to - from }, (_, k) => randomProgram(from + k, 2 + (from + k) % 9));
  console.log(JSON.stringify(await failuresIn(WAYS, programs)));
}
