// Measures Plunge beside jax-js, TensorFlow.js and PyTorch on this machine, and writes the table of docs/performance.md.
// deno task bench:peers --help
import { fromFileUrl } from "@std/path";
import { toolOptions as options } from "../../examples/terminal/options.ts"; // the scripts' own, so that all read options alike
import { type Network, NETWORKS } from "./networks.ts";
import { ENTRANTS } from "./peers/contenders.ts";
import { markdownReport, type NetworkOutcomes, type Report, speedTable } from "./peers/report.ts";
import { runScripts } from "./peers/script.ts";
import { compete } from "./peers/tournament.ts";
import { PACKAGES } from "./peers/versions.ts";
import { replaceBetween, textTable } from "./tables.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
/** The page that the table of a whole run goes into, and the name of its markers. */
const PAGE = `${ROOT}docs/performance.md`, MARKER = "peers";
/** What stands for the whole script among the networks. */
const SCRIPT = "script";
/** Networks of a whole run: 2.5 is 2.4 with one small layer more. */
const USUAL = [...Object.keys(NETWORKS).filter((name) => name !== "2.5"), SCRIPT];

/** Names from a list with commas. */
function chosen(option: string, text: string, known: readonly string[]): string[] {
  const names = text.split(","), unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  console.error(`error: Cannot use --${option} ${unknown} as it must be among ${known.join(", ")}`);
  Deno.exit(1);
}

/** Plunge's version and the commit, where git knows it. */
async function version(): Promise<string> {
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const args = ["-C", ROOT, "describe", "--always", "--dirty"];
  const git = await new Deno.Command("git", { args }).output().catch(() => null);
  return git?.success ? `${version} (${new TextDecoder().decode(git.stdout).trim()})` : version;
}

const entrantNames = ENTRANTS.map(({ name }) => name);
const args = options("Measures Plunge beside its peers; each has its own process, and they take turns.", {
  peers: { help: `who takes part, of ${entrantNames.join(",")}`, default: entrantNames.join(",") },
  networks: { help: `what is trained, of ${Object.keys(NETWORKS)},${SCRIPT}`, default: USUAL.join(",") },
  rounds: { help: "rounds, of which the median counts", default: 5, least: 1, integer: true },
  seconds: { help: "seconds of a round", default: 2, least: 0 },
  limit: { help: "seconds that a contender may take to get warm, and for a round", default: 300, least: 1 },
  "script-rounds": { help: "rounds of the whole script", default: 5, least: 1, integer: true },
  epochs: { help: "epochs of the whole script", default: 10, least: 1, integer: true },
  root: {
    help: "folder of Fashion-MNIST for the whole script",
    default: "/usr/share/datasets/fashion-mnist",
  },
  page: { help: "page to write the table into; docs/performance.md after a run of everything" },
  json: { help: "file for the figures" },
});
const names = chosen("networks", args.networks, [...Object.keys(NETWORKS), SCRIPT]);
const peers = chosen("peers", args.peers, entrantNames);
const entrants = ENTRANTS.filter(({ name }) => peers.includes(name));
const packages = { ...PACKAGES, plunge: await version() };
const { rounds, seconds, limit, epochs } = args, say = (line: string) => console.log(`  ${line}`);

const networks: NetworkOutcomes[] = [];
for (const [name, network] of Object.entries<Network>(NETWORKS)) {
  if (!names.includes(name)) continue;
  console.log(`${network.title}, batch ${network.batch}`);
  networks.push({
    network,
    outcomes: await compete(network, entrants, { rounds, seconds, limit, packages, say }),
  });
}
if (networks.length > 0) console.log(`\n${textTable(speedTable(networks))}\n`);

const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  version: packages.plunge,
  command: ["deno task bench:peers", ...Deno.args].join(" "),
  rounds,
  seconds,
  networks,
  ...(names.includes(SCRIPT) && {
    script: {
      epochs,
      outcomes: await runScripts({
        epochs,
        rounds: args["script-rounds"],
        root: args.root,
        isIn: (name) => peers.includes(name),
        say,
      }),
    },
  }),
};
const isWhole = USUAL.every((name) => names.includes(name)) && peers.length === ENTRANTS.length;
const page = args.page ?? (isWhole ? PAGE : undefined), text = markdownReport(report);
if (page === undefined) console.log(text);
else {
  await Deno.writeTextFile(page, replaceBetween(await Deno.readTextFile(page), MARKER, text));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", "--config", `${ROOT}deno.json`, page] })
    .output();
}
if (args.json) await Deno.writeTextFile(args.json, JSON.stringify(report, null, 2) + "\n");
