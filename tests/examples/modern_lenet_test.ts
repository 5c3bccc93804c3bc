import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readMetrics } from "../../examples/runs/metrics.ts";
import { ModernLeNet } from "../../examples/modern_lenet.ts";
import { manualSeed, openDevice, rand } from "../../mod.ts";
import { ROOT, runExample } from "../support/subprocess.ts";

await openDevice();

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("ModernLeNet halves images three times, and its paths are PyTorch's", () => {
  manualSeed(1);
  const net = new ModernLeNet().eval(), x = rand([2, 1, 28, 28]);
  assertEquals(net.forward(x).shape, [2, 10]);
  assertEquals(net.stage2.forward(net.pool.forward(net.stage1.forward(net.stem.forward(x)))).shape, [
    2,
    32,
    7,
    7,
  ]);
  assertEquals(net.parameters().reduce((sum, p) => sum + p.size, 0), 42938);
  const names = Object.keys(net.stateDict());
  for (
    const name of ["stem.0.weight", "stage1.1.bn2.running_mean", "stage2.0.shortcut.0.weight", "fc.bias"]
  ) {
    assert(names.includes(name), name);
  }
});

Deno.test("modern_lenet.ts trains all networks, and leaves their files and a comparison", () =>
  inFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("modern_lenet.ts", [
      "--baselines",
      "--limit=96",
      "--batch-size=32",
      "--epochs=2",
      "--baseline-epochs=3",
      "--optimizer=sgd",
      "--schedule=one-cycle",
      "--augment=both",
      `--out=${folder}`,
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "(shortcut): Sequential(");
    assertStringIncludes(stdout, "Total mult-adds: 8,944,682");
    for (const [epochs, lines] of [[2, 2], [3, 6]]) {
      const line = new RegExp(
        `^epoch \\d/${epochs}: loss \\d\\.\\d{3}, train acc .+, test acc .+, .+ s$`,
        "gm",
      );
      assertEquals(stdout.match(line)?.length, lines);
    }
    assertMatch(stdout, /^residual network +42,938 +8\.94 M +2 /m);
    assertMatch(stdout, /^LeNet +61,706 +0\.42 M +3 /m);
    assertMatch(stdout, /^LeNet with ReLU and max pooling +61,706 +0\.42 M +3 /m);
    assertMatch(stdout, /^residual network: test acc 0\.\d{3} after \d+ s; 90 % was not reached$/m);
    assertMatch(stdout, /^LeNet, after 3 epochs and \d+ s: (\d+\.\d points (better|worse)|as good)$/m);
    const settings = await Promise.all(
      ["residual-network", "lenet", "lenet-with-relu-and-max-pooling"].map(async (run) => {
        const { settings } = JSON.parse(await Deno.readTextFile(`${folder}/${run}/run.json`));
        assertEquals((await readMetrics(`${folder}/${run}`)).length, settings.epochs);
        return [settings.epochs, settings.seed, settings.lr, settings.schedule, settings.augment];
      }),
    );
    assertEquals(settings, [
      [2, 3, 0.1, "one-cycle", "both"],
      [3, 3, 0.9, "constant", "none"],
      [3, 3, 0.1, "constant", "none"],
    ]);
    assertStringIncludes(await Deno.readTextFile(`${folder}/comparison.svg`), ">residual network<");
    const png = await Deno.readFile(`${folder}/comparison.png`);
    assertEquals(new TextDecoder().decode(png.subarray(1, 4)), "PNG");
  }));

Deno.test("modern_lenet.ts refuses bad options in one line", async () => {
  const cases = [
    ["--optimizer=lion", "--optimizer as it must be adam or sgd: lion"],
    ["--schedule=step", "--schedule as it must be constant or cosine or one-cycle: step"],
    ["--augment=cut", "--augment as it must be none or crop or flip or both: cut"],
    ["--epochs=0", "--epochs as it must be a whole number from 1 up: 0"],
    ["--limit=-1", "--limit as it must be a whole number from 1 up: -1"],
  ];
  for (const [option, message] of cases) {
    const { code, stdout, stderr } = await runExample("modern_lenet.ts", [option]);
    assertEquals([code, stdout], [1, ""]);
    assertEquals(stderr, `error: Cannot use ${message} (--help lists the options)\n`);
  }
});

Deno.test({
  name: "modern_lenet.ts leaves the files of finished epochs at Ctrl-C",
  ignore: Deno.build.os === "windows", // which has no SIGINT to send
  fn: () =>
    inFolder(async (folder) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ..."run -P --quiet --env-file=scripts/tasks.env examples/modern_lenet.ts".split(" "),
          "--limit=64",
          "--batch-size=32",
          "--epochs=1000",
          `--out=${folder}`,
        ],
        cwd: ROOT,
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      let printed = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        printed += text;
        if (printed.includes("epoch 2/1000: ")) break;
      }
      child.kill("SIGINT");
      await child.stderr.cancel();
      const { success } = await child.status;
      assert(!success);
      const metrics = await readMetrics(`${folder}/residual-network`);
      assert(metrics.length >= 2 && metrics.length < 1000, printed);
      for (const file of ["residual-network/curves.svg", "comparison.svg"]) {
        assert((await Deno.readTextFile(`${folder}/${file}`)).endsWith("</svg>"), file);
      }
      assert(!printed.includes("\x1b"));
    }),
});
