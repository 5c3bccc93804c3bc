/**
 * Two hosts to MPI: network namespaces of the test's own, with a cable between them and host names of their own.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { thisMachine } from "../../scripts/machine.ts";
import { type Kind, result, runRanks } from "./ranks.ts";

async function run(...command: string[]): Promise<string> {
  const { code, output } = await thisMachine().run(command);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${output}`);
  return output;
}

/** Why there can be no two hosts here; empty where there can. It takes Linux, root's rights, and iproute2's `ip`. */
export async function objectionToHosts(): Promise<string> {
  const name = `plunge_try_${Deno.pid}`,
    { code, output } = await thisMachine().run(["ip", "netns", "add", name]);
  if (code !== 0) return output.trim();
  await run("ip", "netns", "del", name);
  return "";
}

/** Two hosts; they are gone at the end of the block. */
export class TwoHosts implements AsyncDisposable {
  readonly #folder: string;
  readonly #names: readonly [string, string];
  readonly #agent: string;

  private constructor(folder: string, names: readonly [string, string]) {
    this.#folder = folder;
    this.#names = names;
    this.#agent = join(folder, "agent.sh");
  }

  /** Sets them up. */
  static async make(): Promise<TwoHosts> {
    const names = [`plunge_a_${Deno.pid}`, `plunge_b_${Deno.pid}`] as const;
    const hosts = new TwoHosts(await Deno.makeTempDir(), names), [a, b] = names;
    for (const name of names) {
      await run("ip", "netns", "add", name);
      await run("ip", "-n", name, "link", "set", "lo", "up");
    }
    await run("ip", "link", "add", "cable", "netns", a, "type", "veth", "peer", "name", "cable", "netns", b);
    for (const [k, name] of names.entries()) {
      await run("ip", "-n", name, "addr", "add", `10.77.5.${k + 1}/24`, "dev", "cable");
      await run("ip", "-n", name, "link", "set", "cable", "up");
    }
    // what stands for ssh: options, a host, and a command to be run there
    const script = `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
case $1 in *.2) space=${b}; name=host-b ;; *) space=${a}; name=host-a ;; esac
shift
exec ip netns exec $space unshare --uts sh -c "hostname $name; $*"
`;
    await Deno.writeTextFile(hosts.#agent, script, { mode: 0o755 });
    return hosts;
  }

  /** What starts one rank on each host: a launcher's call that a rank's command follows, run on the first host. */
  launcher(kind: Kind): string[] {
    const hosts = "10.77.5.1,10.77.5.2", net = "10.77.5.0/24";
    const options = kind === "mpich"
      ? ["-launcher", "ssh", "-launcher-exec", this.#agent, "-hosts", hosts]
      : [
        "--allow-run-as-root",
        ...["--mca", "plm_rsh_agent", this.#agent, "--host", hosts, "--mca", "btl", "tcp,self"],
        ...["--mca", "btl_tcp_if_include", net, "--mca", "oob_tcp_if_include", net],
        ...["-x", "XDG_RUNTIME_DIR", "-x", "LP_NUM_THREADS"],
      ];
    const call = [`mpirun.${kind}`, ...options, "-n", "2"];
    return [
      "ip",
      "netns",
      "exec",
      this.#names[0],
      "unshare",
      "--uts",
      "sh",
      "-c",
      'hostname host-a; exec "$@"',
      "sh",
    ]
      .concat(call);
  }

  /** Bytes that went through the cable from the first host. */
  async bytesSent(): Promise<number> {
    const text = await run("ip", "-n", this.#names[0], "-j", "-s", "link", "show", "cable");
    return JSON.parse(text)[0].stats64.tx.bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await thisMachine().run(["ip", "netns", "del", name]);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Trains on two hosts, and sees that the data went through the cable between them. */
export async function checkHosts(kind: Kind): Promise<void> {
  await using hosts = await TwoHosts.make();
  const before = await hosts.bytesSent(), env = { UCX_TLS: "tcp,self" }; // it knows that both hosts have one memory
  const job = await runRanks(null, 2, "training.ts", { args: ["sync"], before: hosts.launcher(kind), env });
  const { n, sync, bytes } = result(job), sent = await hosts.bytesSent() - before;
  assertEquals([n, sync.losses.length], [2, 12]);
  assert(sync.losses[11] < 0.8 * sync.losses[0], "it learns");
  assert(sent >= bytes, `the data went from host to host: ${sent} of ${bytes} bytes`);
}
