// Collective operations: 1 to 4 ranks of both kinds of MPI, what is refused, and a world of one.
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { openDevice, tensor } from "../../../mod.ts";
import { allReduce, init, rank } from "../../../nn/distributed/mod.ts";
import { launched, openMpi } from "../../../nn/distributed/mpi/library.ts";
import { KINDS, result, runRanks } from "../../support/ranks.ts";

const mean = (n: number) => (n - 1) / 2;

for (
  const [kind, ranks] of KINDS.flatMap((kind, k) => [1, 2, 3, 4].slice(k).map((n) => [kind, n] as const))
) {
  Deno.test(`collective operations are right on ${ranks} ranks of ${kind}`, async () => {
    const { n, library, refused, ...found } = result(await runRanks(kind, ranks, "collectives.ts"));
    assertEquals(n, ranks);
    assertEquals(library, ranks === 1 ? "none" : kind === "openmpi" ? "Open" : "MPICH");
    assertEquals(found, {
      wrong: [],
      wrongs: 0,
      ticks: true,
      avg: [[1, 2], [3, mean(ranks)]],
      least: [0, 1 - ranks].map((v) => v || 0),
      most: [ranks - 1, 0],
      gathered: Array.from({ length: ranks }, (_, r) => [r, 2 * r]),
      sent: [1, 1, 0],
      bytes: [7],
    });
    assertEquals(refused, [
      "TypeError: Cannot allReduce as x must be of float32, float64 or, but for its mean, of int32: an Uint8Array",
      "TypeError: Cannot allReduce as x must be of float32, float64 or, but for its mean, of int32: an Int32Array for the mean",
      `RangeError: Cannot broadcast as src must be a rank, from 0 to ${ranks - 1}: ${ranks}`,
      "Error: Cannot join the ranks as a process must be in one group: it has joined already",
    ]);
  });
}

Deno.test("without a launcher there is a world of one, which needs no library", async () => {
  await openDevice();
  assertThrows(() => rank(), Error, "Cannot tell the rank as the process must have joined its group");
  const group = await init();
  assertEquals([group.rank, group.worldSize, group.backend, group.library], [0, 1, "none", "none"]);
  assertEquals(await (await allReduce(tensor([1, 2]))).toArray(), [1, 2]);
  assertEquals(await group.allGather(new Int32Array([5])), [new Int32Array([5])]);
  await assertRejects(() => group.abort(new RangeError("it failed")), RangeError, "it failed");
  await group.destroy();
  await assertRejects(async () => await allReduce(new Float32Array(1)), Error, "await init() first");
});

Deno.test("launched() knows the launchers by their variables", () => {
  const by = (env: Record<string, string>) => launched((name) => env[name]);
  assertEquals(by({}), null);
  assertEquals(by({ OMPI_COMM_WORLD_SIZE: "3", PMIX_RANK: "1" }), { size: 3, kind: "openmpi" });
  assertEquals(by({ PMI_RANK: "1", PMI_SIZE: "4" }), { size: 4, kind: "mpich" });
  assertEquals(by({ PMI_RANK: "1", SLURM_NTASKS: "8" }), { size: 8, kind: "mpich" });
  assertEquals(by({ PMIX_RANK: "0", SLURM_NTASKS: "2" }), { size: 2 });
});

Deno.test("a library that is not there, or of the other MPI, is refused in words", async () => {
  assertThrows(
    () => openMpi("/nowhere/libmpi.so", undefined),
    Error,
    "Cannot use MPI as ",
  );
  if (KINDS.length < 2) return;
  const job = await runRanks("openmpi", 2, "collectives.ts", { env: { PLUNGE_MPI: "libmpich.so.12" } });
  assertMatch(
    job.stderr,
    /Cannot use MPI as all processes must be in one world: 2 were started, and MPICH .* knows of 1/,
  );
  assertEquals(job.code, 1);
});
