// Says whether this machine computes right, what it costs, and what to do about what is wrong.
// deno task doctor --help
import { options } from "../../examples/terminal/options.ts";
import { runScript } from "../../examples/terminal/run_script.ts";
import { screen } from "../../examples/terminal/screen.ts";
import { thisMachine } from "../machine.ts";
import { examine, type Listener } from "./examine.ts";
import { costLines, factLines, groupLines, verdictLines } from "./print.ts";

/** Mesa writes an error line where this is unset; whoever is told of it need not see it too. */
function silenceMesa(): void {
  if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}

const print = (lines: readonly string[]) => lines.forEach((line) => screen.print(line));

/** Shows everything as it is found. */
const SHOWN: Listener = {
  doing: (what) => screen.showStatus(`looking at ${what} …`, { isBusy: true }),
  facts: (facts) => print([...factLines(facts), ""]),
  costs: (costs) => print([...costLines(costs), ""]),
  group: (group, checks) => print(groupLines(group, checks, screen.columns)),
};
/** Shows nothing. */
const SILENT: Listener = { doing: () => {}, facts: () => {}, costs: () => {}, group: () => {} };

if (import.meta.main) {
  await runScript(async () => {
    const args = options("Says whether this machine computes right, and what to do if it does not.", {
      quick: { flag: true, help: "look at one kernel of each kind, which takes some five seconds" },
      json: { flag: true, help: "print all that was found as JSON, for a bug report" },
      kernels: { choices: ["cpu", "gpu"], help: "try these kernels rather than those of the adapter" },
    });
    const machine = thisMachine(), runtime = machine.env("XDG_RUNTIME_DIR");
    silenceMesa();
    const report = await examine({
      isQuick: args.quick,
      kernels: args.kernels as "cpu" | "gpu" | undefined,
      machine: { ...machine, env: (name) => name === "XDG_RUNTIME_DIR" ? runtime : machine.env(name) },
      listener: args.json ? SILENT : SHOWN,
    });
    if (args.json) console.log(JSON.stringify(report, null, 2));
    else print(["", ...verdictLines(report)]);
    if (!report.healthy) {
      screen.end();
      Deno.exit(1);
    }
  });
}
