// Ranks on two hosts, which are network namespaces: what they send goes through the cable between them.
import { KINDS } from "../../support/ranks.ts";
import { checkHosts, objectionToHosts } from "../../support/two_hosts.ts";

/** Namespaces take Linux and root's rights: elsewhere the machine does not let a test make hosts. */
const objection = await objectionToHosts();
if (objection) console.warn(`two_hosts_test.ts: no hosts can be made here: ${objection}`);

// OpenMPI takes seconds to find its way between hosts: tests/long/ranks.ts has both
for (const kind of KINDS.slice(-1)) {
  Deno.test({
    name: `ranks of ${kind} on two hosts train as one`,
    ignore: objection !== "",
    fn: () => checkHosts(kind),
  });
}
