// The study's scripts as they are run: in a process of their own, on a handful of images.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readMetrics } from "../../examples/runs/metrics.ts";
import { decodeSafetensors, openDevice } from "../../mod.ts";
import { idxBytes, listing, type TempFolder, tempFolder } from "../data/_fixtures.ts";
import { audited } from "../support/permissions.ts";
import { ROOT } from "../support/subprocess.ts";

await openDevice();

const FEW = ["--limit=16", "--batch-size=8"];
const CURVES = ["curves.png", "curves.svg", "metrics.jsonl", "run.json"];

interface Options {
  env?: Record<string, string>;
  config?: string;
  permissions?: string[];
  cwd?: string;
}

function command(
  args: string[],
  { env = {}, config = join(ROOT, "deno.json"), permissions = ["-P"], cwd }: Options = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--no-prompt", "--quiet", `--config=${config}`, ...permissions, ...args],
    env: { NO_COLOR: "1", LANG: "C", LC_ALL: "C", XDG_RUNTIME_DIR: "/", ...env },
    cwd,
    stdout: "piped",
    stderr: "piped",
  });
}

async function runScript(args: string[], options?: Options) {
  const run = (env?: Record<string, string>) =>
    command(args, { ...options, env: { ...options?.env, ...env } }).output();
  const { code, stdout, stderr } = await (options?.permissions ? run() : audited(run));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const errors = text(stderr).split("\n").filter((line) => line !== "" && !line.startsWith("Warning"));
  return { code, lines: text(stdout).split("\n"), errors };
}

function script(name: string): string {
  return join(ROOT, "examples", name);
}

/** The files of a run whose last epochs are these. */
function filesOf(...epochs: number[]): string[] {
  return [...CURVES, "best.safetensors", ...epochs.map((epoch) => `epoch-${epoch}.safetensors`)].sort();
}

function folderOf(run: string, ...epochs: number[]): string[] {
  return [`${run}/`, ...filesOf(...epochs).map((file) => `${run}/${file}`)];
}

/** A folder with MNIST files of 16 images to train on and 8 to test with: squares whose place tells their class. */
async function digits(): Promise<TempFolder> {
  const folder = await tempFolder();
  for (const [split, n] of [["train", 16], ["t10k", 8]] as const) {
    const pixels = Uint8Array.from({ length: n * 784 }, (_, i) => {
      const label = Math.floor(i / 784) % 10, column = i % 28;
      return column >= 2 * label && column < 2 * label + 8 ? 255 : 0;
    });
    const labels = Uint8Array.from({ length: n }, (_, i) => i % 10);
    await Deno.writeFile(join(folder.path, `${split}-images-idx3-ubyte`), idxBytes([n, 28, 28], pixels));
    await Deno.writeFile(join(folder.path, `${split}-labels-idx1-ubyte`), idxBytes([n], labels));
  }
  return folder;
}

Deno.test("exercise 1 trains both poolings, and compare.ts compares them again", async () => {
  await using out = await tempFolder();
  const { code, lines, errors } = await runScript([
    script("exercise_1_pooling.ts"),
    ...FEW,
    "--epochs=2",
    `--out=${out.path}`,
  ]);
  assertEquals([code, errors], [0, []]);
  assertEquals(lines.filter((line) => /^epoch [12]\/2: loss \d\.\d{3}, train acc/.test(line)).length, 4);
  assertMatch(
    lines.join("\n"),
    /^average pooling +61,706 +0\.42 M +2 +\d:\d\d +\d\.\d{3} +0\.\d{3} +0\.\d{3}$/m,
  );
  assertMatch(lines.join("\n"), /^max pooling +61,706 +0\.42 M +2 /m);
  assertMatch(lines.join("\n"), /^Neither has learned anything here, so that nothing can be compared: .+$/m);
  assertEquals(listing(out.path), [
    ...folderOf("average-pooling", 1, 2),
    "comparison.png",
    "comparison.svg",
    ...folderOf("max-pooling", 1, 2),
  ]);
  const runs = ["average-pooling", "max-pooling"].map((name) => join(out.path, name));
  const last = await Promise.all(runs.map(async (run) => (await readMetrics(run))[1].trainLoss));
  assert(last[0] !== last[1], "both poolings end with the same loss");

  const table = lines.slice(lines.findIndex((line) => line.startsWith("network")));
  const before = listing(out.path);
  const shown = await runScript([script("compare.ts"), ...runs], { cwd: out.path });
  assertEquals([shown.code, shown.lines.slice(0, 4)], [0, table.slice(0, 4)]);
  assertEquals(listing(out.path), before, "files are written only where there is --out");
  const again = await runScript([script("compare.ts"), ...runs, `--out=${join(out.path, "again")}`]);
  assertEquals([again.code, again.errors], [0, []]);
  assertEquals(again.lines.slice(0, 4), table.slice(0, 4));
  const svg = await Deno.readTextFile(join(out.path, "again", "comparison.svg"));
  for (const text of ["epoch", "train loss", "test accuracy", "average pooling", "max pooling"]) {
    assertStringIncludes(svg, `>${text}</text>`);
  }
});

Deno.test("exercise 2 prints each network as PyTorch does, says how long it takes, and trains it", async () => {
  await using out = await tempFolder();
  const { code, lines, errors } = await runScript([
    script("exercise_2_tune.ts"),
    ...FEW,
    "--epochs=1",
    `--out=${out.path}`,
  ]);
  assertEquals([code, errors], [0, []]);
  const text = lines.join("\n");
  assertMatch(lines[0], /^1 window size: \d+ ms a step, about \d:\d\d for 1 epoch$/);
  assertMatch(lines[7], /^about \d:\d\d in all; --epochs N and --limit N shorten it$/);
  assertEquals(lines.filter((line) => line === "ComplexLeNet(").length, 5);
  for (const network of [PART_3, PART_5]) assertStringIncludes(text, network);
  const parameters = lines.slice(lines.findIndex((line) => line.startsWith("network")) + 2)
    .slice(0, 7).map((line) => line.split(/  +/).slice(0, 4));
  assertEquals(parameters, [
    ["1 window size", "51,370", "0.57 M", "1"],
    ["2 channels", "63,654", "0.97 M", "1"],
    ["3 activation", "51,370", "0.57 M", "1"],
    ["4 convolutions", "6,944,778", "93.64 M", "1"],
    ["5 linear layers", "6,976,394", "93.67 M", "1"],
    ["6 lr 0.001", "61,706", "0.42 M", "1"],
    ["6 lr 0.9", "61,706", "0.42 M", "1"],
  ]);
  assertMatch(text, /^At learning rate 0\.001 LeNet barely learns: loss 2\.\d{3}, train acc 0\.\d{3}, test/m);
  const { settings } = JSON.parse(await Deno.readTextFile(join(out.path, "6-lr-0.001", "run.json")));
  assertEquals([settings.lr, settings.epochs], [0.001, 1]);
  const networks = ["1-window-size", "2-channels", "3-activation", "4-convolutions", "5-linear-layers"];
  assertEquals(
    listing(out.path),
    [...networks, "6-lr-0.001", "6-lr-0.9"].flatMap((name) => folderOf(name, 1)).concat(
      "comparison.png",
      "comparison.svg",
    )
      .sort(),
  );
});

Deno.test("exercise 3 trains on MNIST, and speaks the locale's language or the one it is told to", async () => {
  await using root = await digits();
  const args = [script("exercise_3_mnist.ts"), "--batch-size=8", "--epochs=2", `--root=${root.path}`];
  const env = { LANG: "zh_CN.UTF-8", LC_ALL: "zh_CN.UTF-8" };
  const isWindows = Deno.build.os === "windows"; // where no variable tells the locale
  const chinese = await runScript([...args, ...isWindows ? ["--lang=zh"] : []], { env });
  assertEquals([chinese.code, chinese.errors], [0, []]);
  const line = /^第 [12] 轮:训练损失 \d\.\d{4},训练准确率 [01]\.\d{4},测试准确率 [01]\.\d{4}$/;
  assertEquals(chinese.lines.filter((text) => line.test(text)).length, 2);
  const english = await runScript([...args, "--lang=en"], { env });
  const metrics = chinese.lines.find((text) => line.test(text))!.match(/\d\.\d{4}/g)!;
  assertStringIncludes(
    english.lines.join("\n"),
    `epoch 1: train loss ${metrics[0]}, train accuracy ${metrics[1]}, test accuracy ${metrics[2]}\n`,
  );
});

Deno.test("a script says so when the data is not in the folder that was named", async () => {
  await using root = await digits();
  await using other = await tempFolder();
  const args = [script("exercise_3_mnist.ts"), "--batch-size=8", "--epochs=1", `--root=${other.path}`];
  const { code, errors } = await runScript(args, { env: { PLUNGE_DATA: root.path } });
  assertEquals([code, errors], [
    0,
    ["train", "test"].map((split) =>
      `${other.path} has no MNIST ${split} files: those of ${root.path} are used`
    ),
  ]);
});

Deno.test("exercise 3 says where to put the files when there is neither MNIST nor a network", async () => {
  await using nowhere = await tempFolder();
  const { code, errors } = await runScript([script("exercise_3_mnist.ts"), `--root=${nowhere.path}`], {
    env: { HOME: nowhere.path, XDG_CACHE_HOME: nowhere.path, LOCALAPPDATA: nowhere.path, PLUNGE_DATA: "" },
    permissions: ["--allow-read", "--allow-write", "--allow-env"],
  });
  assertEquals([code, errors.length], [1, 1]);
  assertMatch(errors[0], /^error: Cannot load MNIST as its train files must be in a folder or on a mirror: /);
  assertStringIncludes(
    errors[0],
    `${nowhere.path}, ${nowhere.path}/plunge/mnist. Put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, ` +
      "t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz there, or into a folder that --root names. ",
  );
});

Deno.test("lenet.ts shows the shapes, trains, and leaves its files and its weights", async () => {
  await using out = await tempFolder();
  const args = [script("lenet.ts"), ...FEW, "--epochs=1", `--out=${out.path}`];
  const { code, lines, errors } = await runScript(args);
  assertEquals([code, errors], [0, []]);
  assertEquals(lines[0], "Conv2d output shape: [1, 6, 28, 28]");
  assertMatch(lines.join("\n"), /^epoch 1\/1: loss \d\.\d{3}, train acc/m);
  assertEquals(listing(out.path), [...filesOf(1), "lenet.safetensors"].sort());
  const info = JSON.parse(await Deno.readTextFile(join(out.path, "run.json")));
  assertEquals([info.network, info.parameters, info.settings.lr, info.settings.seed], [
    "LeNet",
    61706,
    0.9,
    3,
  ]);
  assertEquals(info.command, ["lenet.ts", ...args.slice(1)].join(" "));
  const weights = decodeSafetensors(await Deno.readFile(join(out.path, "lenet.safetensors")));
  assertEquals(weights["0.weight"].shape, [6, 1, 5, 5]);
});

Deno.test("each script refuses bad options, and folders that are none, in one line", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "file"), inFile = join(file, "x");
  await Deno.writeTextFile(file, "");
  const noRun = `Cannot save a run as "${inFile}" must be a folder to write to: `;
  const cases: [string, string, string][] = [
    ["lenet.ts", `--out=${inFile}`, noRun],
    ["exercise_1_pooling.ts", "--epochs=0", "Cannot use --epochs as it must be a whole number from 1 up: 0"],
    ["exercise_1_pooling.ts", `--out=${inFile}`, noRun],
    ["exercise_2_tune.ts", "--part=7", "Cannot use --part as it must be some of 1,2,3,4,5,6: 7"],
    [
      "exercise_3_mnist.ts",
      "--dataset=cifar",
      "Cannot use --dataset as it must be mnist or fashion-mnist: cifar",
    ],
    ["exercise_3_mnist.ts", "--lang=fr", "Cannot use --lang as it must be en or zh: fr"],
    ["compare.ts", "--out=.", "Cannot do without RUN as at least one must be given: there is none"],
    [
      "compare.ts",
      "nowhere",
      `Cannot read metrics as ${join("nowhere", "metrics.jsonl")} must exist: no such file`,
    ],
  ];
  await Promise.all(cases.map(async ([name, option, message]) => {
    const { code, errors } = await runScript([script(name), option]);
    assertEquals([code, errors.length], [1, 1], errors.join("\n"));
    assertStringIncludes(errors[0], `error: ${message}`);
  }));
});

Deno.test("lenet.ts says in one line that there is no adapter", async () => {
  const { code, errors } = await runScript([script("lenet.ts")], { env: { DENO_WEBGPU_BACKEND: "webgpu" } });
  assertEquals([code, errors.length], [1, 1], errors.join("\n"));
  assertStringIncludes(errors[0], "error: Cannot open a device as ");
});

/** The repository on a server, and how to run a script from there. */
async function served(): Promise<AsyncDisposable & { url: string; options: Options }> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const body = await Deno.readFile(join(ROOT, pathname)).catch(() => null);
    return new Response(body, {
      status: body ? 200 : 404,
      headers: { "content-type": "application/typescript" },
    });
  });
  // no import map and no stand-ins for packages, as a script from a URL has none
  const folder = await tempFolder(), config = join(folder.path, "deno.json");
  await Deno.writeTextFile(config, "{}");
  return {
    url: `http://127.0.0.1:${server.addr.port}/examples`,
    options: { config, permissions: ["-A"] },
    [Symbol.asyncDispose]: async () => {
      await server.shutdown();
      await folder[Symbol.asyncDispose]();
    },
  };
}

Deno.test("exercise 1 runs from a URL", async () => {
  await using origin = await served();
  await using out = await tempFolder();
  const args = [`${origin.url}/exercise_1_pooling.ts`, ...FEW, "--epochs=1", `--out=${out.path}`];
  const { code, lines, errors } = await runScript(args, origin.options);
  assertEquals([code, errors], [0, []]);
  assertStringIncludes(lines.join("\n"), "\nmax pooling ");
  assertStringIncludes(listing(out.path).join(" "), "max-pooling/curves.svg");
});

Deno.test("each script lists its options from a URL", async () => {
  const scripts = listing(join(ROOT, "examples")).filter((name) =>
    /^[^/]+\.ts$/.test(name) && !["d2l.ts", "classify.ts", "networks.ts"].includes(name)
  );
  assertEquals(scripts.length, 12);
  await using origin = await served();
  for (const name of scripts) {
    const { code, lines, errors } = await runScript([`${origin.url}/${name}`, "--help"], origin.options);
    assertEquals([name, code, errors], [name, 0, []]);
    assertMatch(lines[0], /^[A-Z][^]+\.$/);
    assertMatch(lines.join("\n"), /--(out|weights|host|checkpoint) TEXT/);
  }
});

Deno.test({
  name: "Ctrl-C ends a script at once, and leaves the files of the finished epochs",
  ignore: Deno.build.os === "windows", // which has no SIGINT to send
  fn: async () => {
    await using out = await tempFolder();
    const args = [script("exercise_1_pooling.ts"), ...FEW, "--epochs=100000", `--out=${out.path}`];
    await using child = command(args).spawn();
    let printed = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      printed += text;
      if (printed.includes("epoch 2/")) break;
    }
    child.kill("SIGINT");
    const { signal, code } = await child.status;
    assert(signal === "SIGINT" || code === 130, `it ended with ${signal ?? code}`);
    await child.stderr.cancel();
    const run = join(out.path, "average-pooling");
    const metrics = await readMetrics(run);
    assert(metrics.length >= 2, printed);
    assertEquals(metrics.map(({ epoch }) => epoch), metrics.map((_, i) => i + 1));
    for (const path of [join(run, "curves.svg"), join(out.path, "comparison.svg")]) {
      assert((await Deno.readTextFile(path)).endsWith("</svg>"), path);
    }
  },
});

Deno.test("lenet.ts and exercise 1 have the same losses from the same seed, rate and limit", async () => {
  await using out = await tempFolder();
  const args = [...FEW, "--epochs=2", "--lr=0.5", "--seed=5"];
  const runs = await Promise.all([
    runScript([script("lenet.ts"), ...args, `--out=${join(out.path, "lenet")}`]),
    runScript([script("exercise_1_pooling.ts"), ...args, `--out=${out.path}`]),
  ]);
  assertEquals(runs.map(({ code }) => code), [0, 0]);
  const losses = await Promise.all(["lenet", "average-pooling"].map(async (name) => {
    return (await readMetrics(join(out.path, name))).map(({ trainLoss, testAcc }) => [trainLoss, testAcc]);
  }));
  assertEquals(losses[0], losses[1]);
});

Deno.test("two runs into one folder: the second is refused, and an older one is kept aside", async () => {
  await using out = await tempFolder();
  const args = [script("lenet.ts"), ...FEW, `--out=${out.path}`];
  assertEquals((await runScript([...args, "--epochs=2"])).code, 0);
  await using child = command([...args, "--epochs=100000"]).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader(); // closed, it would end the child
  let printed = "";
  while (!printed.includes("training on")) printed += (await reader.read()).value; // it is in its first epoch
  assertStringIncludes(
    printed,
    `the earlier run of ${out.path} is kept in ${join(out.path, ".earlier-1")}\n`,
  );
  const { code, errors } = await runScript([...args, "--epochs=1"]);
  assertEquals([code, errors.length], [1, 1], errors.join("\n"));
  assertStringIncludes(errors[0], `error: Cannot save a run as "${out.path}" must be no other run's: `);
  child.kill("SIGKILL");
  await Promise.all([child.status, child.stderr.cancel(), reader.cancel()]);
  assertEquals((await readMetrics(join(out.path, ".earlier-1"))).length, 2);
  const last = await runScript([...args, "--epochs=1", "--overwrite"]);
  assertEquals([last.code, last.errors, last.lines.some((line) => line.includes("is kept"))], [0, [], false]);
  assertEquals((await readMetrics(out.path)).length, 1);
});

Deno.test("exercise 4 leaves no folder behind a checkpoint that cannot be used", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "weights"), out = join(folder.path, "a", "b");
  await Deno.writeFile(file, encodeSafetensorsOf());
  for (const checkpoint of [file, join(folder.path, "gone")]) {
    const args = [script("exercise_4_activations.ts"), `--checkpoint=${checkpoint}`, `--out=${out}`];
    const { code, errors } = await runScript(args);
    assertEquals([code, errors.length], [1, 1], errors.join("\n"));
    assertEquals(listing(folder.path), ["weights"]);
  }
});

/** A safetensors file without a tensor. */
function encodeSafetensorsOf(): Uint8Array {
  return new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode("{}")]);
}

Deno.test("compare.ts takes a folder once, however it is written", async () => {
  await using out = await tempFolder();
  const run = join(out.path, "a"),
    epoch = '"trainLoss":1,"trainAcc":0.5,"testAcc":0.5,"examplesPerSec":1,"seconds":1';
  await Deno.mkdir(run);
  await Deno.writeTextFile(join(run, "metrics.jsonl"), `{"epoch":1,${epoch}}\n`);
  const { code, lines, errors } = await runScript([script("compare.ts"), "a/", "a", `${run}//`, "./a"], {
    cwd: out.path,
  });
  assertEquals([code, errors], [0, []]);
  assertEquals(lines.filter((line) => line.startsWith("a ")).length, 1);
});

Deno.test("d2l.ts needs no package, and no permission, of a program elsewhere", async () => {
  await using folder = await tempFolder();
  await using origin = await served();
  for (const at of [new URL("../../examples/d2l.ts", import.meta.url).href, `${origin.url}/d2l.ts`]) {
    const file = join(folder.path, "own.ts");
    await Deno.writeTextFile(
      file,
      `import { Timer } from ${JSON.stringify(at)};\nconsole.log(new Timer().stop() >= 0);`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-npm", "--quiet", "--no-prompt", "--allow-import", file],
      env: { JSR_URL: "http://127.0.0.1:9", DENO_DIR: join(folder.path, "cache"), NO_COLOR: "1" },
      cwd: folder.path,
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals([code, text(stdout), text(stderr)], [0, "true\n", ""]);
  }
});

/** Runs a shell's line in which `$SCRIPT` is a script's call. */
async function inShell(line: string, args: string[], env: Record<string, string> = {}) {
  const call = ["run", "-P", "--quiet", "--no-prompt", `--config=${join(ROOT, "deno.json")}`, ...args];
  const quoted = [Deno.execPath(), ...call].map((word) => `'${word}'`).join(" ");
  const output = await new Deno.Command("sh", {
    args: ["-c", line.replaceAll("$SCRIPT", quoted)],
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}

const isLinux = Deno.build.os === "linux"; // which has /dev/full, and `script` in its own form

Deno.test(
  { name: "a script ends quietly when nobody reads on", ignore: Deno.build.os === "windows" },
  async () => {
    const args = [script("lenet.ts"), ...FEW, "--epochs=1"];
    const { stdout, stderr } = await inShell('{ $SCRIPT; echo "ended with $?" >&2; } | head -2', args);
    assertEquals(stdout, "Conv2d output shape: [1, 6, 28, 28]\nSigmoid output shape: [1, 6, 28, 28]\n");
    assertEquals(stderr, "ended with 0\n");
  },
);

Deno.test({ name: "a script says in one line that its output is full", ignore: !isLinux }, async () => {
  for (const args of [[script("lenet.ts"), ...FEW, "--epochs=1"], [script("compare.ts"), "--help"]]) {
    const { code, stderr } = await inShell("$SCRIPT > /dev/full", args);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^error: Cannot go on as the standard output must take what is written: No space left .+\n$/,
    );
  }
});

/** What a script writes to a terminal of 80 columns; `keys` come after the first epoch's progress is seen. */
async function inTerminal(args: string[], env: Record<string, string>, until?: RegExp) {
  const call = ["run", "-P", "--quiet", `--config=${join(ROOT, "deno.json")}`, ...args];
  const quoted = [Deno.execPath(), ...call].map((word) => `'${word}'`).join(" ");
  await using child = new Deno.Command("script", {
    // the trap: some shells would end at Ctrl-C with the script, before their prompt
    args: ["-qfec", `trap : INT; stty cols 80 rows 30; ${quoted}; printf 'prompt$ '`, "/dev/null"],
    env: { XDG_RUNTIME_DIR: "/", TERM: "xterm-256color", CI: "false", NO_COLOR: "", ...env },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  let written = "", isSent = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    written += text;
    if (!until?.test(written) || isSent) continue;
    isSent = true;
    await writer.write(new Uint8Array([3])); // Ctrl-C
  }
  await child.status;
  await writer.close().catch(() => {});
  return written;
}

Deno.test({ name: "after Ctrl-C the next prompt stands on its own line", ignore: !isLinux }, async () => {
  const args = [script("lenet.ts"), ...FEW, "--epochs=100000"];
  const written = await inTerminal(args, { LC_ALL: "C.UTF-8" }, /epoch 3\/100000 \[/);
  assertEquals(written.includes("^C"), false, "keys are not shown");
  assertEquals(written.split("\r\n").at(-1), "prompt$ ");
});

Deno.test({
  name: "a terminal without UTF-8 is given ASCII, and lines that break between words",
  ignore: !isLinux,
}, async () => {
  const args = [script("exercise_1_pooling.ts"), ...FEW, "--epochs=2"];
  const written = await inTerminal(args, { LC_ALL: "C" });
  assertMatch(written, /\+-+\+/, "an axis");
  // deno-lint-ignore no-control-regex
  assertEquals(written.match(/[^\x00-\x7f]/g), null);
  // deno-lint-ignore no-control-regex
  const lines = written.replaceAll(/\x1b\[[\d;]*[A-Za-z]/g, "").split(/\r?\n/).map((line) =>
    line.split("\r").at(-1)!
  );
  for (const line of lines) assert(line.length < 80, line);
  assert(
    lines.includes("Both have the same parameters, and began with the same weights and the same"),
    written,
  );
  assert(lines.some((line) => /^average pooling +61,706 +2 /.test(line)), "the table has left a column out");
});

/** What PyTorch 1.13 prints for the network of part 3. */
const PART_3 = `ComplexLeNet(
  (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
  (relu1): LeakyReLU(negative_slope=0.01)
  (maxpool1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (conv2): Conv2d(6, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (relu2): LeakyReLU(negative_slope=0.01)
  (maxpool2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (conv3): Conv2d(16, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (relu3): LeakyReLU(negative_slope=0.01)
  (maxpool3): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (flatten): Flatten(start_dim=1, end_dim=-1)
  (fc1): Linear(in_features=288, out_features=120, bias=True)
  (relu4): LeakyReLU(negative_slope=0.01)
  (fc2): Linear(in_features=120, out_features=84, bias=True)
  (relu5): LeakyReLU(negative_slope=0.01)
  (fc3): Linear(in_features=84, out_features=10, bias=True)
)
`;

/** What it prints for that of part 5. */
const PART_5 = `ComplexLeNet(
  (features): Sequential(
    (0): Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (1): ReLU()
    (2): Conv2d(32, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (3): ReLU()
    (4): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (5): Conv2d(64, 128, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (6): ReLU()
    (7): Conv2d(128, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (8): ReLU()
    (9): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (fc): Sequential(
    (0): Linear(in_features=12544, out_features=512, bias=True)
    (1): ReLU()
    (2): Linear(in_features=512, out_features=256, bias=True)
    (3): ReLU()
    (4): Linear(in_features=256, out_features=128, bias=True)
    (5): ReLU()
    (6): Linear(in_features=128, out_features=10, bias=True)
  )
)
`;
