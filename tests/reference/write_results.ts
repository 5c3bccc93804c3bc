/**
 * Writes docs/results.md from the folders that run_study.ts left and the lines of train_study.py, and copies the charts
 * into docs/pictures. See run_study.ts for the commands.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { options } from "../../examples/_options.ts";
import { foldersWith, gatherRuns, type StudyRun } from "./_study_runs.ts";

const TITLES: Record<string, string> = {
  lenet: "LeNet",
  exercise_1: "Exercise 1: average and max pooling",
  exercise_2: "Exercise 2: LeNet tuned",
  exercise_2_deep: "Exercise 2, parts 4 and 5, on a part of the images",
  exercise_3: "Exercise 3: the improved network",
  exercise_4: "Exercise 4: activations",
  modern_lenet: "Batch normalisation and residual connections",
};

const INTRODUCTION = `# Results

Every number here was measured: by the study's scripts on Plunge, and on PyTorch by
\`tests/reference/train_study.py\` with the same settings. Loss and training accuracy are means over the last epoch
while it went on, the test accuracy is of the network at its end. Both draw their own random numbers, so that a seed
does not make them start alike: what can be compared is how far seeds spread. Seconds and examples/s are of
training, without the tests. \`tests/reference/write_results.ts\` wrote this file.
`;

/** How the numbers of a column are written. */
const fixed = (digits: number) => (value: number): string => value.toFixed(digits);

function cell(value: number | null | undefined, write: (value: number) => string = String): string {
  return value === undefined || value === null ? "–" : write(value);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, i) => i === 0 ? "---" : "--:");
  return [header, rule, ...rows].map(line).join("\n");
}

/** Whether PyTorch's run had the settings of ours. */
function isTwin(run: StudyRun, other: StudyRun): boolean {
  return (["network", "seed", "epochs", "lr", "dataset"] as const).every((key) => run[key] === other[key]) &&
    (run.limit ?? null) === (other.limit ?? null);
}

function runRow(run: StudyRun, pytorch: readonly StudyRun[]): string[] {
  const twin = pytorch.find((other) => isTwin(run, other));
  return [
    run.network,
    cell(run.parameters, (n) => n.toLocaleString("en")),
    cell(run.multiplyAdds, (n) => `${(n / 1e6).toFixed(2)} M`),
    cell(run.seed),
    cell(run.lr),
    run.command === undefined ? "–" : cell(run.limit ?? undefined).replace("–", "all"),
    cell(run.epochs),
    cell(run.trainLoss, fixed(3)),
    cell(run.trainAcc, fixed(3)),
    cell(run.testAcc, fixed(3)),
    cell(run.seconds, fixed(0)),
    cell(run.examplesPerSec, fixed(0)),
    cell(twin?.trainLoss, fixed(3)),
    cell(twin?.trainAcc, fixed(3)),
    cell(twin?.testAcc, fixed(3)),
    cell(twin?.examplesPerSec, fixed(0)),
  ];
}

const HEADER = [
  ...["network", "parameters", "mult-adds", "seed", "lr", "images", "epochs"],
  ...["loss", "train acc", "test acc", "seconds", "examples/s"],
  ...["PyTorch's loss", "train acc", "test acc", "examples/s"],
];

/** A table of how far the seeds spread, or nothing where there is one seed. */
function spread(runs: readonly StudyRun[], pytorch: readonly StudyRun[]): string[] {
  const networks = [...new Set(runs.map(({ network }) => network))];
  const rows = networks.flatMap((network) => {
    const ours = runs.filter((run) => run.network === network);
    const theirs = pytorch.filter((other) => ours.some((run) => isTwin(run, other)));
    if (new Set(ours.map(({ seed }) => seed)).size < 2) return [];
    const range = (of: readonly StudyRun[], key: "trainLoss" | "testAcc") => {
      const values = of.map((run) => run[key]);
      if (values.length === 0) return "–";
      const mean = values.reduce((a, b) => a + b) / values.length;
      return `${mean.toFixed(3)} (${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)})`;
    };
    const cells = (["trainLoss", "testAcc"] as const).flatMap((
      key,
    ) => [range(ours, key), range(theirs, key)]);
    return [[network, `${ours.length}`, ...cells]];
  });
  const header = ["network", "seeds", "loss", "PyTorch's loss", "test acc", "PyTorch's test acc"];
  return rows.length > 0 ? ["Mean, least and greatest over the seeds:", table(header, rows)] : [];
}

/** Copies the charts of a section, and shows them. */
async function charts(folders: readonly string[], runs: string, docs: string): Promise<string[]> {
  return await Promise.all(folders.map(async (folder) => {
    const name = `${folder.replaceAll("/", "-")}.svg`;
    await Deno.copyFile(join(runs, folder, "comparison.svg"), join(docs, "pictures", name));
    return `![Curves of ${folder}](pictures/${name})`;
  }));
}

function section(
  name: string,
  runs: readonly StudyRun[],
  pytorch: readonly StudyRun[],
  pictures: readonly string[],
): string {
  const commands = [...new Set(runs.map(({ command }) => command).filter((command) => command !== undefined))]
    .map((command) => `deno run -P examples/${command.replaceAll(/ --(out|root)[ =]\S+/g, "")}`);
  const devices = [...runs, ...pytorch.filter((other) => runs.some((run) => isTwin(run, other)))]
    .map(({ device }) => device).filter((device) => device !== undefined);
  return [
    `## ${TITLES[name] ?? name}`,
    ...commands.length > 0 ? ["```sh\n" + commands.join("\n") + "\n```"] : [],
    ...devices.length > 0 ? [`On ${[...new Set(devices)].join("; ")}.`] : [],
    table(HEADER, runs.map((run) => runRow(run, pytorch))),
    ...spread(runs, pytorch),
    ...pictures,
  ].join("\n\n");
}

const args = options("Writes docs/results.md.", {
  runs: { help: "folder of the runs", default: "runs" },
  pytorch: { help: "PyTorch's lines" },
  docs: {
    help: "folder for results.md and pictures",
    default: fromFileUrl(new URL("../../docs", import.meta.url)),
  },
});
const runs = await gatherRuns(args.runs), compared = await foldersWith("comparison.svg", args.runs);
const lines = args.pytorch ? (await Deno.readTextFile(args.pytorch)).trim().split("\n") : [];
const pytorch: StudyRun[] = lines.map((line) => JSON.parse(line));
await Deno.mkdir(join(args.docs, "pictures"), { recursive: true });
const names = [...new Set(runs.map(({ folder }) => folder.split("/")[0]))];
const sections = await Promise.all(names.map(async (name) => {
  const isIn = (folder: string) => folder.split("/")[0] === name;
  const pictures = await charts(compared.filter(isIn), args.runs, args.docs);
  return section(name, runs.filter(({ folder }) => isIn(folder)), pytorch, pictures);
}));
const file = join(args.docs, "results.md");
await Deno.writeTextFile(file, [INTRODUCTION, ...sections].join("\n") + "\n");
await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file] }).output();
