// What `deno task distributed` starts: the launcher's call, and the ranks and the script of a command line.
import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "../../scripts/distributed.ts";
import type { Machine } from "../../scripts/machine.ts";
import { launcher, setUpMpi } from "../../scripts/mpi.ts";

/** A machine of paper with a launcher that calls itself so, or without one until a package is installed. */
function machineWith(version: string, { root = false, installable = false } = {}) {
  const lines: string[] = [];
  let there = version !== "" && !installable;
  const machine: Machine = {
    os: "linux",
    env: () => undefined,
    isRoot: () => root,
    readText: () => Promise.resolve("ID=debian\n"),
    exists: () => Promise.resolve(false),
    say: (line) => lines.push(line),
    run: (command) => {
      if (command.includes("install")) there = installable;
      const isProbe = command[1] === "--version";
      return Promise.resolve({ code: isProbe && !there ? 127 : 0, output: isProbe ? version : "" });
    },
  };
  return { machine, lines };
}

const OPENMPI = "mpirun (Open MPI) 4.1.4\n", MPICH = "HYDRA build details:\n    Version: 4.0.2\n";

Deno.test("launcher() lets OpenMPI start more ranks than cores, and root only where it must", async () => {
  assertEquals(await launcher(machineWith(OPENMPI).machine, 3), ["mpirun", "--oversubscribe", "-n", "3"]);
  assertEquals(await launcher(machineWith(OPENMPI, { root: true }).machine, 2), [
    "mpirun",
    "--oversubscribe",
    "--allow-run-as-root",
    "-n",
    "2",
  ]);
  assertEquals(await launcher(machineWith(MPICH, { root: true }).machine, 2), ["mpirun", "-n", "2"]);
  assertEquals(await launcher(machineWith("").machine, 2), []);
});

Deno.test("setUpMpi() installs OpenMPI where there is no launcher", async () => {
  const { machine, lines } = machineWith(OPENMPI, { root: true, installable: true });
  assertEquals((await setUpMpi(machine, 2)).at(0), "mpirun");
  assertEquals(lines, ["Found no mpirun, installing openmpi-bin"]);
  assertEquals(await setUpMpi(machineWith("").machine, 2), []);
});

Deno.test("parse() takes the ranks from anywhere, and a script that is named", () => {
  const example = "examples/distributed_lenet.ts";
  assertEquals(parse([]), { ranks: 2, script: [example] });
  assertEquals(parse(["--epochs", "1", "--ranks", "4"]), { ranks: 4, script: [example, "--epochs", "1"] });
  assertEquals(parse(["--ranks=3", "own.ts", "--lr", "1"]), { ranks: 3, script: ["own.ts", "--lr", "1"] });
  for (const wrong of [["--ranks", "0"], ["--ranks"], ["--ranks=two"]]) {
    assertThrows(
      () => parse(wrong),
      RangeError,
      "Cannot start ranks as --ranks must be a whole number from 1 up",
    );
  }
});
