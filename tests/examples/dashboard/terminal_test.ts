// deno-lint-ignore-file no-control-regex
// The dashboard as it runs: lenet.ts on a pseudo terminal, with keys, sizes and signals.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { listing, type TempFolder, tempFolder } from "../../data/_fixtures.ts";
import { ROOT } from "../../support/subprocess.ts";
import { PseudoTerminal, type PtyOptions } from "../../support/pseudo_terminal.ts";

const ARGS = ["--limit=64", "--batch-size=16", "--epochs=100000"];

/** A test on a pseudo terminal; `script` of other systems takes other arguments. */
function test(name: string, fn: (folder: TempFolder) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      await using folder = await tempFolder();
      await fn(folder);
    },
  });
}

/** LeNet on a terminal, a few epochs under way. */
async function training(more: string[], options?: PtyOptions): Promise<PseudoTerminal> {
  const terminal = new PseudoTerminal("lenet.ts", [...ARGS, ...more], options);
  await terminal.until(/(epoch |第 )3\/100000/);
  return terminal;
}

test("s saves, + and - change the rate, q stops, keeps everything and leaves the last picture", async ({ path }) => {
  await using terminal = await training([`--out=${path}`]);
  assertMatch(terminal.output, /q stop {3}s save {3}\+ - learning rate 0\.9/);
  await terminal.press("s");
  await terminal.until(/saved epoch-\d+(-step-\d)?\.safetensors/);
  await terminal.press("+");
  await terminal.until(/learning rate 0\.9 → 1\.125, from epoch \d+, step \d on/);
  await terminal.press("--");
  await terminal.until(/learning rate 1\.125 → 0\.72, from epoch/);
  await terminal.press("q");
  const { code, isRestored } = await terminal.ended(), { lines } = terminal;
  assertEquals([code, isRestored], [130, true]);
  const text = lines.join("\n");
  assertMatch(text, /\nLeNet, 61,706 parameters, on .+\nloss, accuracy by epoch\n/);
  assertMatch(terminal.output, /saved \S+; to go on: deno run -P .* --resume\r\n\[code 130\]\r\n/);
  assertMatch(text, /\nsaved \S+epoch-\d+/);
  assertEquals(text.match(/q stop/), null, "the last picture has no keys");
  assertEquals(text.match(/loss, accuracy by epoch/g)!.length, 1, "and none is left behind it");
  assert(listing(path).some((name) => /^epoch-\d+(-step-\d)?\.safetensors$/.test(name)));
  const { changes } = JSON.parse(await Deno.readTextFile(join(path, "run.json")));
  assertEquals(changes.length, 2);
});

test("Ctrl-C, twice, and SIGTERM leave the terminal as it was", async ({ path }) => {
  const ends = [[[], "SIGTERM", 143], [[], "\x03", 130], [[`--out=${path}`], "\x03\x03", 130]] as const;
  await Promise.all(ends.map(async ([more, end, code]) => {
    await using terminal = await training([...more]);
    if (end === "SIGTERM") await terminal.kill(end);
    else await terminal.press(end);
    assertEquals(await terminal.ended(), { code, isRestored: true }, `${more} ${JSON.stringify(end)}`);
  }));
});

test("a window that is resized is drawn anew, with or without the dashboard", async () => {
  await using terminal = await training([]);
  const after = async (columns: number, rows: number) => {
    await terminal.resize(columns, rows);
    const since = terminal.output.length;
    await terminal.until(/loss, accuracy by epoch[^]*loss, accuracy by epoch/, since);
    return terminal.output.slice(since).split("loss, accuracy by epoch")[1];
  };
  assertStringIncludes(await after(140, 40), "q stop");
  assertEquals((await after(79, 23)).includes("q stop"), false);
  assertStringIncludes(await after(80, 24), "q stop");
  await terminal.press("s");
  await terminal.until(/without --out nothing is saved/);
  await terminal.press("q");
  assertEquals(await terminal.ended(), { code: 130, isRestored: true });
  assertMatch(
    terminal.output,
    /stopped after (step \d of )?epoch \d+; without --out nothing of the run is kept/,
  );
});

test("--plain and CI print lines, and take no keys", async () => {
  await Promise.all(
    ([[["--plain"], {}], [[], { env: { CI: "true" } }]] as const).map(async ([more, options]) => {
      await using terminal = await training([...more], options);
      await terminal.press("q");
      await terminal.until(/epoch 9\/100000/);
      await terminal.press("\x03");
      assertEquals((await terminal.ended()).isRestored, true);
      assertEquals(/q stop|loss, accuracy by epoch|\x1b/.test(terminal.output), false);
      assertMatch(terminal.lines.join("\n"), /\nepoch 1\/100000: loss \d\.\d{3}, train acc/);
    }),
  );
});

test("--lang zh speaks Chinese, and where the locale cannot write it says so once, in ASCII", async () => {
  await using terminal = await training(["--lang=zh"]);
  await terminal.press("q");
  assertEquals(await terminal.ended(), { code: 130, isRestored: true });
  const text = terminal.lines.join("\n");
  for (
    const part of [
      "Conv2d 输出形状：[1, 6, 28, 28]",
      "损失，准确率（横轴：轮次）",
      "训练准确率",
      "完成这一步",
    ]
  ) {
    assertStringIncludes(text, part);
  }
  assertStringIncludes(terminal.output, "q 停止   + - 学习率 0.9");
  await using ascii = await training(["--lang=zh"], { env: { LANG: "C", LC_ALL: "C" } });
  await ascii.press("q");
  assertEquals((await ascii.ended()).code, 130);
  assertEquals(ascii.output.match(/cannot write Chinese/g)!.length, 1);
  assert(/^[\x00-\x7f]*$/.test(ascii.output), "something is not ASCII");
});

/** A script whose run is under way when something is thrown; once it has gone on with its run it ends. */
const FAILING = `
import { feed } from "file://${ROOT}examples/runs/run_feed.ts";
import { openFaces } from "file://${ROOT}examples/study/faces.ts";
import { refusal } from "file://${ROOT}examples/terminal/refusal.ts";
import { runScript } from "file://${ROOT}examples/terminal/run_script.ts";
import { screen } from "file://${ROOT}examples/terminal/screen.ts";
import { scriptArgs } from "file://${ROOT}examples/terminal/script_args.ts";

const lost = Object.assign(new Error("the device is gone"), { name: "DeviceLostError" });
const errors = { bug: new TypeError("a bug"), refusal: refusal(new Error("Cannot go on as it is so: so")), lost };
const about = { epochs: 1, images: 1, device: "a device", lr: 1, classes: [], layers: [], folder: null };
await runScript(async () => {
  await openFaces({});
  feed.tell({ kind: "begin", title: "LeNet", ...about });
  screen.showBlock(() => ["curves"]);
  screen.showStatus("running");
  await new Promise((resolve) => setTimeout(resolve, 200));
  if (!scriptArgs().includes("--resume")) throw errors[Deno.args[0]];
  feed.tell({ kind: "end", how: "finished", text: "" });
});
`;

test("an error, a refusal and a lost device leave the terminal as it was", async ({ path }) => {
  const script = join(path, "failing.ts");
  await Deno.writeTextFile(script, FAILING);
  const ends = [["bug", 1, "TypeError: a bug"], ["refusal", 1, "error: Cannot go on as it is so: so"], [
    "lost",
    0,
    "going on with the run on a fresh device",
  ]] as const;
  await Promise.all(ends.map(async ([what, code, text]) => {
    await using terminal = new PseudoTerminal(script, [what, "--out=x"]);
    assertEquals(await terminal.ended(), { code, isRestored: true }, what);
    assertStringIncludes(terminal.output.replaceAll("\r\n", "\n"), text);
    assertStringIncludes(terminal.output, "learning rate 1");
  }));
});
