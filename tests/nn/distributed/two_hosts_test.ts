// Ranks on two hosts, which are network namespaces: what they send goes through the cable between them.
import { assert, assertEquals } from "@std/assert";
import { KINDS, result, runRanks } from "../../support/ranks.ts";
import { objectionToHosts, TwoHosts } from "../../support/two_hosts.ts";

/** Namespaces take Linux and root's rights: elsewhere the machine does not let a test make hosts. */
const objection = await objectionToHosts();
if (objection) console.warn(`two_hosts_test.ts: no hosts can be made here: ${objection}`);

for (const kind of KINDS) {
  Deno.test({ name: `ranks of ${kind} on two hosts train as one`, ignore: objection !== "" }, async () => {
    await using hosts = await TwoHosts.make();
    const before = await hosts.bytesSent();
    const env = { UCX_TLS: "tcp,self" }; // it knows that both hosts have one memory
    const job = await runRanks(null, 2, "training.ts", { args: ["sync"], before: hosts.launcher(kind), env });
    const { n, sync, bytes } = result(job);
    assertEquals([n, sync.losses.length], [2, 12]);
    assert(sync.losses[11] < 0.8 * sync.losses[0], "it learns");
    const sent = await hosts.bytesSent() - before;
    assert(sent >= bytes, `the data went from host to host: ${sent} of ${bytes} bytes`);
  });
}
