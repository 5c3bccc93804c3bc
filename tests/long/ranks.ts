// Every way to fail, of both kinds of MPI: one message, a whole checkpoint, no process left.
import { KINDS } from "../support/ranks.ts";
import { checkFailure, FAULTS } from "../support/ranks_failing.ts";

for (const kind of KINDS) {
  for (const fault of FAULTS) {
    Deno.test(`a rank of ${kind} that fails by "${fault.name}" ends the job`, () =>
      checkFailure(kind, fault));
  }
}
