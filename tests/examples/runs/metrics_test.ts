import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { type Metrics, readMetrics } from "../../../examples/runs/metrics.ts";

function metricsOf(epoch: number, trainLoss = 1 / epoch): Metrics {
  return { epoch, trainLoss, trainAcc: 0.8, testAcc: 0.75, examplesPerSec: 4321.5, seconds: 13.9 };
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readMetrics() says which line is malformed and how", () =>
  inFolder(async (folder) => {
    const file = join(folder, "metrics.jsonl");
    const good = JSON.stringify(metricsOf(1));
    const cases = [
      ['{"epoch":2,"tra', 'line 2 of FILE must be a JSON object: {"epoch":2,"tra'],
      ["[1]", "line 2 of FILE must be a JSON object: [1]"],
      ["null", "line 2 of FILE must be a JSON object: null"],
      ['{"epoch":2}', 'line 2 of FILE must have a number for "trainLoss": it is missing'],
      [good.replace("0.8", '"high"'), 'line 2 of FILE must have a number for "trainAcc": "high"'],
      [good.replace('"epoch":1', '"epoch":null'), 'line 2 of FILE must have a number for "epoch": null'],
    ];
    for (const [line, message] of cases) {
      await Deno.writeTextFile(file, `${good}\n${line}\n`);
      const expected = `Cannot read metrics as ${message.replace("FILE", file)}`;
      const error = await assertRejects(() => readMetrics(folder), SyntaxError);
      assertEquals(error.message, expected);
    }
    await Deno.writeTextFile(file, `${good}\r\n\r\n`);
    assertEquals(await readMetrics(file), [metricsOf(1)]);
  }));

Deno.test("readMetrics() says when there is no run", () =>
  inFolder(async (folder) => {
    const error = await assertRejects(() => readMetrics(folder), Deno.errors.NotFound);
    assertEquals(
      error.message,
      `Cannot read metrics as ${join(folder, "metrics.jsonl")} must exist: no such file`,
    );
  }));
