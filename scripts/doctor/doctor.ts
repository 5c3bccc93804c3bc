// Says whether this machine computes right, what it costs, and what to do about what is wrong.
// deno task doctor --help
import { toolOptions as options } from "../../examples/terminal/options.ts";
import { runScript } from "../../examples/terminal/run_script.ts";
import { screen } from "../../examples/terminal/screen.ts";
import { thisMachine } from "../machine.ts";
import { examine, type Listener } from "./examine.ts";
import { lookAfter } from "./look_after.ts";
import { costLines, factLines, groupLines, verdictLines } from "./print.ts";

/** Mesa writes an error line where this is unset; whoever is told of it need not see it too. */
function silenceMesa(): void {
  if (Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}

const print = (lines: readonly string[]) => lines.forEach((line) => screen.print(line));

/** Shows everything as it is found; of a quick look not each function and family. */
const shown = (isQuick: boolean): Listener => ({
  doing: (what) => screen.showStatus(`looking at ${what} …`, { isBusy: true }),
  facts: (facts) => print([...factLines(facts), ""]),
  costs: (costs) => print([...costLines(costs), ""]),
  group: (group, checks) => print(groupLines(group, checks, screen.columns, isQuick)),
});
/** Shows nothing. */
const SILENT: Listener = { doing: () => {}, facts: () => {}, costs: () => {}, group: () => {} };

/** Says that a process looks after this one: see {@linkcode lookAfter}. */
const LOOKED_AFTER = "PLUNGE_DOCTOR_CHILD";

/** Runs the examination in a process of its own, and ends as it did. */
async function lookFromOutside(isJson: boolean): Promise<never> {
  const run = ["run", "-q", "--allow-read", "--allow-env", "--allow-run", import.meta.filename!];
  const { code, crash } = await lookAfter([...run, ...Deno.args], { [LOOKED_AFTER]: "1" });
  if (crash !== null) {
    const verdict = `Do not use this driver: it ended the process that used it, with ${crash}.`;
    const advice = "update Mesa or the card's driver, or choose another by VK_DRIVER_FILES";
    if (isJson) console.log(JSON.stringify({ healthy: false, verdict, advice }, null, 2));
    else print(["", verdict, `  what to do: ${advice}`]);
  }
  Deno.exit(code);
}

/** Examines, shows what was found, and ends with 1 where something is wrong. */
async function look(isQuick: boolean, isJson: boolean, kernels: "cpu" | "gpu" | undefined): Promise<void> {
  const machine = thisMachine(), runtime = machine.env("XDG_RUNTIME_DIR");
  silenceMesa();
  const report = await examine({
    isQuick,
    kernels,
    machine: { ...machine, env: (name) => name === "XDG_RUNTIME_DIR" ? runtime : machine.env(name) },
    listener: isJson ? SILENT : shown(isQuick),
  });
  if (isJson) console.log(JSON.stringify(report, null, 2));
  else print(["", ...verdictLines(report)]);
  screen.end();
  if (!report.healthy) Deno.exit(1);
}

if (import.meta.main) {
  await runScript(async () => {
    const { quick, json, kernels } = options(
      "Says whether this machine computes right, and what to do if not.",
      {
        quick: { flag: true, help: "look at one kernel of each kind, which takes some five seconds" },
        json: { flag: true, help: "print all that was found as JSON, for a bug report" },
        kernels: { choices: ["cpu", "gpu"], help: "try these kernels rather than those of the adapter" },
      },
    );
    if (Deno.env.get(LOOKED_AFTER) === undefined) await lookFromOutside(json);
    await look(quick, json, kernels as "cpu" | "gpu" | undefined);
  });
}
