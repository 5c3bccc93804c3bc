/**
 * The tables of docs/results.md: what was trained, how it ended, and how far seeds spread.
 *
 * @module
 */
import { formatFixed } from "../../examples/terminal/numbers.ts";
import type { StudyRun } from "./study_runs.ts";

const DATASETS: Record<string, string> = { "mnist": "MNIST", "fashion-mnist": "Fashion-MNIST" };

/** How the numbers of a column are written. */
const fixed = (digits: number) => (value: number): string => value.toFixed(digits);
const grouped = (value: number): string => value.toLocaleString("en");

function cell<T>(value: T | null | undefined, write: (value: T) => string = String): string {
  return value === undefined || value === null ? "–" : write(value);
}

/** A table in Markdown, its first row the header. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const rule = rows[0].map((_, i) => i === 0 ? "---" : "--:");
  return [rows[0], rule, ...rows.slice(1)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A column: its name, and what it says of a run. */
type Column<T> = [name: string, cell: (of: T) => string];

/** A table of those columns that say something; rows that are the same stand once. */
function table<T>(columns: readonly Column<T>[], of: readonly T[]): string {
  const filled = columns.filter(([, cell]) => of.some((one) => cell(one) !== "–"));
  const rows = of.map((one) => filled.map(([, cell]) => cell(one)));
  const once = new Map(rows.map((row) => [row.join("\n"), row]));
  return markdownTable([filled.map(([name]) => name), ...once.values()]);
}

/** Whether PyTorch's run had the settings of ours, as far as both tell them. */
export function isTwin(run: StudyRun, other: StudyRun): boolean {
  return (["network", "seed", "epochs", "lr", "dataset"] as const).every((key) => run[key] === other[key]) &&
    (run.limit ?? null) === (other.limit ?? null) &&
    (["batchSize", "optimizer", "schedule", "augment"] as const).every((key) =>
      run[key] === undefined || other[key] === undefined || run[key] === other[key]
    );
}

const NETWORKS: Column<StudyRun>[] = [
  ["network", ({ network }) => network],
  ["parameters", ({ parameters }) => cell(parameters, grouped)],
  ["mult-adds", ({ multiplyAdds }) => cell(multiplyAdds, (n) => `${(n / 1e6).toFixed(2)} M`)],
  ["optimizer", ({ optimizer }) => cell(optimizer)],
  ["lr", ({ lr }) => cell(lr)],
  ["schedule", ({ schedule }) => cell(schedule)],
  ["augmentation", ({ augment }) => cell(augment)],
  ["batch size", ({ batchSize }) => cell(batchSize)],
  ["images", ({ command, limit }) => command === undefined ? "–" : cell(limit, grouped).replace("–", "all")],
  ["epochs", ({ epochs }) => cell(epochs)],
];

interface Pair {
  run: StudyRun;
  twin?: StudyRun;
}

const RESULTS: Column<Pair>[] = [
  ["network", ({ run }) => run.network],
  ["seed", ({ run }) => cell(run.seed)],
  ["loss", ({ run }) => cell(run.trainLoss, (loss) => formatFixed(loss))],
  ["train acc", ({ run }) => cell(run.trainAcc, fixed(3))],
  ["test acc", ({ run }) => cell(run.testAcc, fixed(3))],
  ["PyTorch's loss", ({ twin }) => cell(twin?.trainLoss, (loss) => formatFixed(loss))],
  ["PyTorch's train acc", ({ twin }) => cell(twin?.trainAcc, fixed(3))],
  ["PyTorch's test acc", ({ twin }) => cell(twin?.testAcc, fixed(3))],
  ["seconds", ({ run }) => cell(run.seconds, fixed(0))],
  ["examples/s", ({ run }) => cell(run.examplesPerSec, (n) => grouped(Math.round(n)))],
];

/** A table of how far the seeds spread, or nothing where there is one seed. */
function spread(pairs: readonly Pair[]): string[] {
  const networks = [...new Set(pairs.map(({ run }) => run.network))];
  const rows = networks.flatMap((network) => {
    const ours = pairs.filter(({ run }) => run.network === network);
    if (new Set(ours.map(({ run }) => run.seed)).size < 2) return [];
    const range = (values: readonly number[]) => {
      if (values.length === 0) return "–";
      const mean = values.reduce((a, b) => a + b) / values.length;
      return `${mean.toFixed(3)} (${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)})`;
    };
    const cells = (["trainLoss", "testAcc"] as const).flatMap((key) => [
      range(ours.map(({ run }) => run[key])),
      range(ours.flatMap(({ twin }) => twin?.[key] ?? [])),
    ]);
    return [[network, `${ours.length}`, ...cells]];
  });
  const header = ["network", "seeds", "loss", "PyTorch's loss", "test acc", "PyTorch's test acc"];
  return rows.length > 0
    ? ["Mean, least and greatest over the seeds:", markdownTable([header, ...rows])]
    : [];
}

/** The commands of a section as they are run from the repository's folder, without where its data and files were. */
export function commandBlock(commands: readonly (string | undefined)[]): string {
  const texts = commands.filter((command) => command !== undefined).map((command) =>
    `deno run -P examples/${
      command.replaceAll(/ --(out|root)[ =]\S+/g, "").replace(
        /(--checkpoint[ =])\S*\/(lenet\/\S+)/,
        "$1runs/$2",
      )
    }`
  );
  return texts.length > 0 ? "```sh\n" + [...new Set(texts)].join("\n") + "\n```" : "";
}

/** The section of networks that were trained. */
export function runsSection(runs: readonly StudyRun[], pytorch: readonly StudyRun[]): string[] {
  const pairs = runs.map((run): Pair => ({ run, twin: pytorch.find((other) => isTwin(run, other)) }));
  const data = runs.map(({ dataset = "" }) => DATASETS[dataset] ?? dataset);
  const devices = [
    ...runs.map(({ device }) => device),
    ...pairs.map(({ twin }) => twin?.device?.split(",")[0]), // PyTorch's threads say something of speed alone
  ].filter((device) => device !== undefined);
  const where = devices.length > 0 ? `, on ${[...new Set(devices)].join("; ")}` : "";
  return [
    commandBlock(runs.map(({ command }) => command)),
    `${[...new Set(data)].join(", ")}${where}.`,
    table(NETWORKS, runs),
    table(RESULTS, pairs),
    ...spread(pairs),
  ];
}
