/**
 * MPI on this machine: how processes are started, and installing it where that is allowed.
 *
 * @module
 */
import { type Apt, distributions, findApt, install } from "./apt.ts";
import type { Machine } from "./machine.ts";

const PACKAGE = "openmpi-bin";
/** What a person is told to do. */
export const ADVICE =
  "install OpenMPI or MPICH: on Debian and Ubuntu sudo apt-get install openmpi-bin, on macOS brew install open-mpi";

/** The launcher's call for so many ranks on one machine; an empty array where there is none. */
export async function launcher(machine: Machine, ranks: number, name = "mpirun"): Promise<string[]> {
  const { code, output } = await machine.run([name, "--version"]);
  if (code !== 0) return [];
  // more ranks than cores, which OpenMPI refuses; and root, as in a container
  const isOpenMpi = /open ?mpi|open-mpi/i.test(output);
  const root = machine.isRoot() ? ["--allow-run-as-root"] : [];
  return [name, ...isOpenMpi ? ["--oversubscribe", ...root] : [], "-n", `${ranks}`];
}

/** Sees that there is a launcher, installing OpenMPI where there is none and it may. */
export async function setUpMpi(machine: Machine, ranks: number): Promise<string[]> {
  const found = await launcher(machine, ranks);
  if (found.length > 0) return found;
  const apt = await findApt(machine);
  if (apt !== undefined) {
    machine.say(`Found no mpirun, installing ${PACKAGE}`);
    await install(machine, apt, [PACKAGE]);
  }
  return await launcher(machine, ranks);
}

/** The launchers that the tests use, and the packages that have them: both kinds of MPI. */
const FOR_TESTS = [["mpirun.openmpi", "openmpi-bin"], ["mpirun.mpich", "mpich"]] as const;

/** Installs both kinds of MPI, on Debian, where their tests insist on them; elsewhere those tests may be left out. */
export async function setUpMpiForTests(
  machine: Machine,
  findInstaller: () => Promise<Apt | undefined>,
): Promise<void> {
  if (!(await distributions(machine)).includes("debian")) return;
  const missing: string[] = [];
  for (const [name, each] of FOR_TESTS) {
    if ((await machine.run(["sh", "-c", `command -v ${name}`])).code !== 0) missing.push(each);
  }
  if (missing.length === 0) return;
  const apt = await findInstaller();
  if (apt !== undefined) {
    machine.say(`Found no ${missing.join(" and no ")}, installing for the tests of several ranks`);
    if ((await install(machine, apt, missing)).code === 0) return;
  }
  machine.say(
    `Cannot run the tests of several ranks as ${missing.join(" and ")} must be there: ` +
      `sudo apt-get update && sudo apt-get install ${missing.join(" ")}`,
  );
}
