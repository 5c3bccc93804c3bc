import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { Metrics } from "../../../examples/runs/metrics.ts";
import { RunFiles } from "../../../examples/runs/run_files.ts";
import { readRuns, type RunInfo, runsChart, runsTable, writeRunInfo } from "../../../examples/runs/runs.ts";
import { tempFolder } from "../../data/_fixtures.ts";

const INFO: RunInfo = {
  network: "max pooling",
  parameters: 61706,
  multiplyAdds: 423038,
  device: "a GPU",
  command: "exercise_1_pooling.ts",
  settings: { lr: 0.9 },
};

function epoch(epoch: number, trainLoss: number): Metrics {
  return { epoch, trainLoss, trainAcc: 0.8, testAcc: 0.75, examplesPerSec: 1000, seconds: 60 };
}

async function writeRun(folder: string, losses: number[], info?: RunInfo): Promise<string> {
  const files = await RunFiles.open(folder, "a run");
  for (const [i, loss] of losses.entries()) await files.addEpoch(epoch(i + 1, loss));
  if (info) await writeRunInfo(folder, info);
  return folder;
}

Deno.test("readRuns() reads back what was written, and calls runs after networks, folders or paths", async () => {
  await using out = await tempFolder();
  const first = await writeRun(join(out.path, "a", "lenet"), [0.5, 0.4], INFO);
  const second = await writeRun(join(out.path, "b", "lenet"), [0.3], INFO);
  const third = await writeRun(join(out.path, "plain"), [0.2]);
  assertEquals(await readRuns([first, join(first, "metrics.jsonl"), `${third}/`]), [
    { name: "max pooling", metrics: [epoch(1, 0.5), epoch(2, 0.4)], info: INFO },
    { name: "plain", metrics: [epoch(1, 0.2)], info: undefined },
  ]);
  assertEquals((await readRuns([`${first}/`, second])).map(({ name }) => name), [first, second]);
  await Deno.writeTextFile(join(third, "run.json"), "{");
  await assertRejects(
    () => readRuns([third]),
    SyntaxError,
    `Cannot read ${join(third, "run.json")} as it must be JSON: `,
  );
});

Deno.test("readRuns() refuses a run.json of other parts, of which a chart would be made", async () => {
  await using out = await tempFolder();
  const path = join(out.path, "run.json");
  await Deno.writeTextFile(join(out.path, "metrics.jsonl"), "");
  const cases: [info: unknown, found: string][] = [
    [
      { ...INFO, network: { signal: "warn(1)" } },
      'its network must be of type string, without control characters: {"signal":"warn(1)"}',
    ],
    [
      { ...INFO, network: undefined },
      "its network must be of type string, without control characters: it is missing",
    ],
    [
      { ...INFO, network: "\x1b[2J" },
      'its network must be of type string, without control characters: "\\u001b[2J"',
    ],
    [
      { ...INFO, parameters: "61706" },
      'its parameters must be of type number, without control characters: "61706"',
    ],
    [{ ...INFO, settings: null }, "its settings must be of type object, without control characters: null"],
    [null, "its network must be of type string, without control characters: it is missing"],
    [[["a"]], "its network must be of type string, without control characters: it is missing"],
    ["x".repeat(1e6), "its network must be of type string, without control characters: it is missing"],
    [
      { ...INFO, network: Array(1e5).fill(1) },
      `its network must be of type string, without control characters: [${"1,".repeat(29)}1`,
    ],
  ];
  for (const [info, found] of cases) {
    await Deno.writeTextFile(path, JSON.stringify(info));
    const error = await assertRejects(() => readRuns([out.path]), SyntaxError);
    assertEquals(error.message, `Cannot read ${path} as ${found}`);
  }
});

Deno.test("runsTable() lists costs, time and the last epoch", () => {
  const runs = [
    { name: "max pooling", metrics: [epoch(1, 0.5), epoch(2, 0.4)], info: INFO },
    { name: "another", metrics: [] },
  ];
  assertEquals(runsTable(runs), [
    "network      parameters  mult-adds  epochs  time   loss  train acc  test acc",
    "----------------------------------------------------------------------------",
    "max pooling      61,706     0.42 M       2  2:00  0.400      0.800     0.750",
    "another               -          -       0  0:00      -          -         -",
  ]);
});

Deno.test("runsChart() has the losses and the test accuracies of all runs", () => {
  const runs = [{ name: "a", metrics: [epoch(1, 0.5), epoch(2, 0.4)] }, {
    name: "b",
    metrics: [epoch(1, 0.9)],
  }];
  const [losses, accuracies] = runsChart(runs, "both").charts;
  assertEquals(losses.series, [{ name: "a", points: [[1, 0.5], [2, 0.4]] }, {
    name: "b",
    points: [[1, 0.9]],
  }]);
  assertEquals([losses.yLabel, accuracies.yLabel, losses.xLabel], ["train loss", "test accuracy", "epoch"]);
  assertEquals(accuracies.series[1], { name: "b", points: [[1, 0.75]] });
});
