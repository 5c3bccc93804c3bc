import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readMetrics } from "../../examples/runs/metrics.ts";
import { ModernLeNet, ResNet20, WithFlips } from "../../examples/modern_lenet.ts";
import { erasing } from "../../examples/study/schedules.ts";
import { manualSeed, nn, ones, openDevice, rand, tensor } from "../../mod.ts";
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

Deno.test("ResNet20 has at most 0.3 M parameters, and halves images twice", () => {
  const net = new ResNet20().eval(), x = net.stage1.forward(net.stem.forward(rand([2, 1, 28, 28])));
  const after = net.stage3.forward(net.stage2.forward(x));
  assertEquals([x.shape, after.shape], [[2, 16, 28, 28], [2, 64, 7, 7]]);
  assertEquals(net.parameters().reduce((sum, p) => sum + p.size, 0), 272186);
  net.dispose();
});

Deno.test("WithFlips gives the mean of the answers to an image and to its mirror", async () => {
  const net = new WithFlips(new nn.Flatten()), [[a, b], [c, d]] = [[1, 3], [3, 1]];
  const y = net.forward(tensor([[[[1, 3]]]])),
    soft = (v: number, w: number) => Math.exp(v) / (Math.exp(v) + Math.exp(w));
  (await y.data()).forEach((v, k) =>
    assertAlmostEquals(v, (soft([a, b][k], [b, a][k]) + soft([c, d][k], [d, c][k])) / 2, 1e-6)
  );
});

Deno.test("erasing() blackens one rectangle of 2 to 33 percent in half of the images", async () => {
  manualSeed(5);
  const n = 2000, size = 28, data = await erasing(ones([n, 1, size, size])).data();
  manualSeed(5);
  assertEquals(await erasing(ones([n, 1, size, size])).data(), data);
  let erased = 0, total = 0;
  for (let image = 0; image < n; image++) {
    const black = [...data.subarray(image * size ** 2, (image + 1) * size ** 2).entries()].filter(([, v]) =>
      v === 0
    );
    if (black.length === 0) continue;
    const rows = black.map(([at]) => Math.floor(at / size)), columns = black.map(([at]) => at % size);
    const span = (values: number[]) => Math.max(...values) - Math.min(...values) + 1;
    assertEquals(black.length, span(rows) * span(columns), "no rectangle");
    // an edge between two pixels is rounded to either
    assert(black.length <= 0.33 * size ** 2 + span(rows) + span(columns), `${black.length}`);
    erased++;
    total += black.length;
  }
  assert(Math.abs(erased / n - 0.5) < 0.05, `${erased} of ${n}`);
  assert(Math.abs(total / erased / size ** 2 - 0.175) < 0.02, `${total / erased / size ** 2}`);
});

Deno.test("modern_lenet.ts --preset best trains the larger network, and tests with flips", () =>
  inFolder(async (folder) => {
    const args = ["--preset=best", "--epochs=1", "--limit=16", "--batch-size=8", `--out=${folder}`];
    const { code, stdout, stderr } = await runExample("modern_lenet.ts", args);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^test acc 0\.\d{4} where each image is seen with its mirror image$/m);
    const file = `${folder}/residual-network-of-20-layers/run.json`;
    const { parameters, settings } = JSON.parse(await Deno.readTextFile(file));
    const { preset, lr, schedule, augment, optimizer } = settings;
    assertEquals([parameters, preset, lr, schedule, augment, optimizer], [
      272186,
      "best",
      0.2,
      "one-cycle",
      "all",
      "sgd",
    ]);
  }));

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
    ["--augment=cut", "--augment as it must be none or crop or flip or both or all: cut"],
    ["--preset=worst", "--preset as it must be quick or best: worst"],
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
