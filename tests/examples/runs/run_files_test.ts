import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type Metrics, readMetrics } from "../../../examples/runs/metrics.ts";
import { RunFiles } from "../../../examples/runs/run_files.ts";

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

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).filter((name) =>
    !name.startsWith(".")
  )
    .sort();
}

Deno.test("RunFiles leaves whole files after each epoch", () =>
  inFolder(async (folder) => {
    const run = join(folder, "a", "b");
    const files = await RunFiles.open(run, "LeNet");
    for (const epoch of [1, 2]) {
      await files.addEpoch(metricsOf(epoch));
      assertEquals(await names(run), ["curves.png", "curves.svg", "metrics.jsonl"]);
      assertEquals((await readMetrics(run)).length, epoch);
      const svg = await Deno.readTextFile(join(run, "curves.svg"));
      assertEquals(svg.match(/name: train loss/g)?.length, epoch === 1 ? 2 : 3); // a line, and a dot an epoch
      assert(svg.endsWith("</svg>"));
      const png = await Deno.readFile(join(run, "curves.png"));
      assertEquals(new TextDecoder().decode(png.subarray(1, 4)), "PNG");
    }
    assertEquals(
      await Deno.readTextFile(join(run, "metrics.jsonl")),
      '{"epoch":1,"trainLoss":1,"trainAcc":0.8,"testAcc":0.75,"examplesPerSec":4321.5,"seconds":13.9}\n' +
        '{"epoch":2,"trainLoss":0.5,"trainAcc":0.8,"testAcc":0.75,"examplesPerSec":4321.5,"seconds":13.9}\n',
    );
    assertEquals(await readMetrics(join(run, "metrics.jsonl")), [metricsOf(1), metricsOf(2)]);
  }));

Deno.test("RunFiles keeps an earlier run aside, or replaces it where it is told to", () =>
  inFolder(async (folder) => {
    {
      using first = await RunFiles.open(folder, "LeNet");
      await first.addEpoch(metricsOf(1));
      await first.addEpoch(metricsOf(2));
    }
    {
      using second = await RunFiles.open(folder, "LeNet");
      assertEquals(await names(folder), [], "nothing of the first is left beside what the second will write");
      assertEquals((await readMetrics(join(folder, ".earlier-1"))).length, 2);
      await second.addEpoch(metricsOf(1, 7));
    }
    assertEquals(await readMetrics(folder), [metricsOf(1, 7)]);
    using third = await RunFiles.open(folder, "LeNet", { overwrite: true });
    assertEquals(await names(folder), []);
    await third.addEpoch(metricsOf(1, 8));
    const all = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assertEquals(all.filter((name) => name.startsWith(".")).sort(), [".earlier-1", ".lock"]);
  }));

Deno.test("RunFiles writes a loss that overflowed, and readMetrics() reads it as NaN", () =>
  inFolder(async (folder) => {
    const files = await RunFiles.open(folder, "LeNet");
    await files.addEpoch(metricsOf(1, NaN));
    await files.addEpoch(metricsOf(2, 0.5));
    const lines = (await Deno.readTextFile(join(folder, "metrics.jsonl"))).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(lines.map(({ trainLoss, note }) => [trainLoss, note]), [[null, "trainLoss was NaN"], [
      0.5,
      undefined,
    ]]);
    assertEquals(await readMetrics(folder), [metricsOf(1, NaN), metricsOf(2, 0.5)]);
    assertFalse((await Deno.readTextFile(join(folder, "curves.svg"))).includes("NaN"));
  }));

Deno.test("RunFiles leaves the finished epochs when the process is ended", () =>
  inFolder(async (folder) => {
    const module = new URL("../../../examples/runs/run_files.ts", import.meta.url).href;
    const config = fromFileUrl(new URL("../../../deno.json", import.meta.url));
    const script = `const { RunFiles } = await import(${JSON.stringify(module)});
      const files = await RunFiles.open(${JSON.stringify(folder)}, "LeNet");
      for (let epoch = 1;; epoch++) {
        await files.addEpoch({ epoch, trainLoss: 1, trainAcc: 0, testAcc: 0, examplesPerSec: 1, seconds: 1 });
        console.log(epoch);
      }`;
    const url = `data:text/javascript,${encodeURIComponent(script)}`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-lock", `--config=${config}`, "--no-prompt", "--allow-read", "--allow-write", url],
      stdout: "piped",
    }).spawn();
    let printed = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      printed += text;
      if (printed.includes("3\n")) break;
    }
    try {
      child.kill();
    } catch {
      // it ended by itself, and the checks below say why
    }
    await child.status;
    const metrics = await readMetrics(folder);
    assert(metrics.length >= 3, printed);
    assertEquals(metrics.map(({ epoch }) => epoch), metrics.map((_, i) => i + 1));
    assert((await Deno.readTextFile(join(folder, "curves.svg"))).endsWith("</svg>"));
    const png = await Deno.readFile(join(folder, "curves.png"));
    assertEquals(new TextDecoder().decode(png.subarray(-8, -4)), "IEND");
  }));

Deno.test("RunFiles refuses a folder that it cannot write to", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assertRejects(
      () => RunFiles.open(file, "LeNet"),
      Error,
      `Cannot save a run as "${file}" must be a folder to write to: `,
    );
  }));
