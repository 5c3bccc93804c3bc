// Trains LeNet for 100 steps in Deno, Chromium and Node, and writes the table of docs/runtimes.md.
// deno run -P --allow-run tests/runtimes/write_losses.ts
import { fromFileUrl } from "@std/path";
import { lenetLosses, lenetRun } from "./lenet_losses.ts";
import { runTests, type RuntimeName } from "./run_tests.ts";

const FILE = fromFileUrl(new URL("../../docs/runtimes.md", import.meta.url));
const BEGIN = "<!-- losses: written by tests/runtimes/write_losses.ts -->", END = "<!-- end of losses -->";
/** Steps whose losses are shown. */
const SHOWN = [1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

type Found = Awaited<ReturnType<typeof lenetLosses>>;

async function lossesIn(runtime: RuntimeName): Promise<Found> {
  let found: Found | undefined, failure = "it told nothing";
  await runTests(runtime, ["tests/runtimes/report_losses.ts"], {
    seconds: 1800,
    onResult: (result) => {
      failure = result.failure ?? failure;
      if (result.outcomes.length > 0) found = JSON.parse(result.outcomes[0].name);
    },
  });
  if (!found) throw new Error(`${runtime}: ${failure}`);
  return found;
}

const run = lenetRun(), torch = run.losses;
const all: Record<string, Found> = {
  Deno: await lenetLosses(),
  Chromium: await lossesIn("chromium"),
  Node: await lossesIn("node"),
};
const exponent = (n: number) => n === 0 ? "0" : n.toExponential(1);
const names = Object.keys(all),
  rows = SHOWN.map((step) => {
    const losses = names.map((name) => all[name].losses[step - 1].toFixed(7));
    return `| ${[step, torch[step - 1].toFixed(7), ...losses].join(" | ")} |`;
  });
const distances = names.map((name) =>
  Math.max(...all[name].losses.map((loss, k) => Math.abs(loss - torch[k])))
);
const same = names.map((name) => all[name].losses.filter((loss, k) => loss === all.Deno.losses[k]).length);
const table = [
  BEGIN,
  "",
  `| step | PyTorch (float64) | ${names.join(" | ")} |`,
  `| --- | --- | ${names.map(() => "---").join(" | ")} |`,
  ...rows,
  `| most from PyTorch | 0 | ${distances.map(exponent).join(" | ")} |`,
  `| the very bits of Deno's | | ${same.map((n) => `${n} of ${run.steps}`).join(" | ")} |`,
  `| adapter | | ${names.map((name) => all[name].device).join(" | ")} |`,
  "",
  END,
].join("\n");
const text = await Deno.readTextFile(FILE);
await Deno.writeTextFile(
  FILE,
  text.slice(0, text.indexOf(BEGIN)) + table + text.slice(text.indexOf(END) + END.length),
);
console.log(table);
const most = Math.max(...run.lossAtol);
if (distances.some((distance) => !(distance <= most))) {
  console.error(`Losses must lie within ${most} of PyTorch's`);
  Deno.exit(1);
}
