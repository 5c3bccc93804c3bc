/**
 * Runs a script on several ranks of this machine, by default the example: finds `mpirun`, or installs OpenMPI where that is
 * allowed, and starts it.
 *
 * @module
 */
import { type Machine, thisMachine } from "./machine.ts";
import { ADVICE, setUpMpi } from "./mpi.ts";

/** The ranks, the script and its options, of a command line such as `--ranks 3 script.ts --epochs 1`. */
export function parse(args: readonly string[]): { ranks: number; script: string[] } {
  const rest = [...args], at = rest.findIndex((arg) => /^--ranks(=|$)/.test(arg));
  let ranks = 2;
  if (at >= 0) {
    const [option] = rest.splice(at, 1),
      text = option.includes("=") ? option.split("=")[1] : rest.splice(at, 1)[0];
    ranks = Number(text);
    if (!Number.isInteger(ranks) || ranks < 1) {
      throw new RangeError(`Cannot start ranks as --ranks must be a whole number from 1 up: ${text}`);
    }
  }
  return { ranks, script: rest[0]?.endsWith(".ts") ? rest : ["examples/distributed_lenet.ts", ...rest] };
}

/** Starts the ranks and waits for them; returns the exit code. */
async function main(machine: Machine): Promise<number> {
  const { ranks, script } = parse(Deno.args), mpirun = await setUpMpi(machine, ranks);
  if (mpirun.length === 0) {
    machine.say(`Cannot start ranks as mpirun must be there: ${ADVICE}`);
    return 1;
  }
  const deno = [Deno.execPath(), "run", "-q", "-P=distributed", "--lock=scripts/packages.lock", "--frozen"];
  // a software driver takes all cores for each rank unless it is told to share them
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / ranks));
  const [program, ...args] = [...mpirun, ...deno, "--env-file=scripts/tasks.env", ...script];
  const env: Record<string, string> = { LP_NUM_THREADS: machine.env("LP_NUM_THREADS") ?? `${threads}` };
  return (await new Deno.Command(program, { args, env, stdin: "null" }).spawn().status).code;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(thisMachine()));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`error: ${error.message}`);
    Deno.exit(1);
  }
}
