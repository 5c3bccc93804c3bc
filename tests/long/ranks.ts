// Every way to fail, to train and to go on, of both kinds of MPI; the suite has the ways that differ most.
import { assertEquals } from "@std/assert";
import { KINDS, result, runRanks } from "../support/ranks.ts";
import { checkFailure, FAULTS } from "../support/ranks_failing.ts";
import { checkResume } from "../support/ranks_resuming.ts";
import { checkHosts, objectionToHosts } from "../support/two_hosts.ts";

const objection = await objectionToHosts();
if (objection) console.warn(`tests/long/ranks.ts: no hosts can be made here: ${objection}`);

for (const kind of KINDS) {
  for (const fault of FAULTS) {
    Deno.test(`a rank of ${kind} that fails by "${fault.name}" ends the job`, () =>
      checkFailure(kind, fault));
  }
  for (const mode of ["sync", "delayed", "diloco"] as const) {
    Deno.test(`a ${mode} training on ${kind} goes on from its checkpoint`, () => checkResume(kind, mode));
  }
  Deno.test({
    name: `ranks of ${kind} on two hosts train as one`,
    ignore: objection !== "",
    fn: () => checkHosts(kind),
  });
}

for (const ranks of [2, 3, 4]) {
  Deno.test(`${ranks} ranks come to the same bits by every MPI`, async () => {
    const jobs = await Promise.all(
      KINDS.map((kind) => runRanks(kind, ranks, "training.ts", { args: ["sync"] })),
    );
    const bits = jobs.map((job) => result(job).sync.bits);
    assertEquals(new Set(bits).size, 1);
  });
}
