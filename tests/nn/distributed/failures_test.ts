// When a rank fails: the job ends within 5 seconds with one message, the last checkpoint is whole, and nothing is left.
import { KINDS } from "../../support/ranks.ts";
import { checkFailure, FAULTS } from "../../support/ranks_failing.ts";

/** The ways that differ most; tests/long/ranks.ts has all of both kinds. */
const TRIED = [["openmpi", "throw"], ["openmpi", "kill"], ["mpich", "stop"]];

for (const kind of KINDS) {
  for (const fault of FAULTS.filter(({ name }) => TRIED.some(([k, f]) => k === kind && f === name))) {
    Deno.test(`a rank of ${kind} that fails by "${fault.name}" ends the job`, () =>
      checkFailure(kind, fault));
  }
}
