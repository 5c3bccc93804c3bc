// The live page in headless Chromium, as a person uses it: deno task test:browser.
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../data/_fixtures.ts";
import { type Serving, serving } from "../examples/live/_script.ts";
import { Chromium, type Tab } from "./chromium.ts";

const browser = await Chromium.launch();
globalThis.addEventListener("unload", () => browser.kill());

const lenet = (...args: string[]) =>
  serving(["examples/lenet.ts", "--limit=3000", "--batch-size=64", "--serve", "0", ...args]);
const text = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).textContent`;
const isShown = (id: string) => `document.getElementById("${id}").checkVisibility()`;

/** Opens the page of a script, and waits for the first epoch's pictures. */
async function look(script: Serving, options: Parameters<Chromium["open"]>[0] = {}): Promise<Tab> {
  const tab = await browser.open(options);
  await tab.goto(script.url);
  await tab.waitFor(`${isShown("worst")} && ${isShown("activations")}`, { seconds: 60 });
  return tab;
}

/** Whether anything of the page lies beside the window, as the names of the widest parts. */
const BESIDE = `(() => {
  const { scrollWidth } = document.documentElement;
  if (scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.tagName + "#" + e.id + "." + e.className).slice(0, 5);
})()`;

Deno.test("curves, figures and pictures grow while LeNet trains, and the page asks for nothing elsewhere", async () => {
  await using script = await lenet("--epochs=200");
  const tab = await look(script),
    path = `document.querySelector("#loss-chart path").getAttribute("d").length`;
  const [before, epoch] = [await tab.evaluate<number>(path), await tab.evaluate<string>(text("#epoch"))];
  assertMatch(epoch, /^\d+ \/ 200$/);
  await tab.waitFor(`${path} > ${before} && ${text("#epoch")} !== ${JSON.stringify(epoch)}`, { seconds: 60 });
  assertMatch(await tab.evaluate(text("#left")), /^(\d+:)?\d+:\d\d$/);
  assertEquals(await tab.evaluate(text("#rate")), "0.9");
  assertEquals(await tab.evaluate(`document.querySelectorAll("#matrix td").length`), 100);
  assertEquals(await tab.evaluate(`document.querySelectorAll("#layers tbody tr").length`), 12);
  assertEquals(await tab.evaluate(`document.querySelectorAll("#filter-pictures canvas").length`), 6);
  assertEquals(await tab.evaluate(`document.querySelectorAll("#maps .image").length`), 4);
  const ink = await tab.evaluate<number>(
    `new Set([...document.querySelectorAll("#maps .answers canvas")].flatMap((c) =>
    [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data])).size`,
  );
  assert(ink > 50, `${ink} values in the maps`);
  const label = await tab.evaluate<string>(
    `document.querySelector("#acc-chart svg").getAttribute("aria-label")`,
  );
  assertMatch(label, /^test accuracy: train accuracy 0\.\d{3}, test accuracy 0\.\d{3}$/);
  assertEquals(await tab.evaluate(BESIDE), []);
  assertEquals(tab.requests.filter((url) => !url.startsWith(script.url) && !url.startsWith("data:")), []);
  assertEquals(tab.errors, []);
  await tab.close();
});

Deno.test("the page answers soon while the GPU is waited for", async () => {
  await using script = await lenet("--epochs=200", "--batch-size=1024");
  await script.until(([run]) => run?.progress !== null && run?.progress !== undefined);
  const times: number[] = [];
  for (let k = 0; k < 60; k++) {
    const start = performance.now();
    await (await fetch(script.url)).text();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  times.sort((a, b) => a - b);
  assertLess(times[56], 200, `all: ${times.map(Math.round).join(" ")}`); // of twenty 19; the machine may have other work
});

Deno.test("rate, checkpoint, choice and stop work by mouse and by keyboard alone", async () => {
  await using folder = await tempFolder();
  const out = join(folder.path, "run");
  await using script = await lenet("--epochs=200", `--out=${out}`);
  const mouse = await look(script);
  await mouse.click("#half");
  await mouse.waitFor(`${text("#rate")} === "0.45"`);
  await mouse.click("#save");
  await mouse.waitFor(`/epoch-\\d+-step-\\d+\\.safetensors$/.test(${text("#asked")})`);
  await mouse.click("#mistakes button");
  await mouse.waitFor(`document.querySelectorAll("#maps .image").length === 1`);
  assertEquals(mouse.errors, []);
  await mouse.close();

  const tab = await look(script);
  const focused = () => tab.evaluate<string>("document.activeElement.id");
  const order: string[] = [];
  for (let k = 0; k < 12 && order.at(-1) !== "stop"; k++) {
    await tab.press("Tab");
    order.push(await focused());
  }
  assertEquals(order, ["lang", "theme", "stop"]);
  const outline = "getComputedStyle(document.activeElement).outlineStyle";
  assertEquals(await tab.evaluate(outline), "solid");
  for (const want of ["save", "rate-input"]) {
    await tab.press("Tab");
    assertEquals(await focused(), want);
  }
  await tab.type("0.3");
  await tab.press("Enter");
  await tab.waitFor(`${text("#rate")} === "0.3"`);
  await tab.evaluate(`document.getElementById("places").focus()`);
  await tab.type("4, 8, 15");
  await tab.press("Enter");
  await tab.waitFor(`document.querySelectorAll("#maps .image").length === 3`);
  await tab.evaluate(`document.getElementById("rate-input").focus()`);
  await tab.evaluate(`document.getElementById("rate-input").value = "-1"`);
  await tab.press("Enter");
  await tab.waitFor(`${text("#asked")} === "lr must be a number above 0: -1"`);

  await tab.evaluate(`document.getElementById("stop").focus()`);
  await tab.press("Enter");
  assertEquals(await tab.evaluate(text("#stop")), "Press again to stop");
  await tab.press(" ");
  await tab.waitFor(`${text("#state")} === "stopped" && !${isShown("control")} && ${isShown("banner")}`);
  assertMatch(await tab.evaluate(text("#notes")), /saved \S+; to go on: deno run -P examples\/lenet\.ts/);
  assertEquals((await script.end()).code, 130);
  const errors = tab.errors.filter((error) => !/400 \(Bad Request\)/.test(error));
  assertEquals(errors, []);
  await tab.close();
});

Deno.test("two tabs show the same, one that closes disturbs nothing, and one that comes back has all", async () => {
  await using script = await lenet("--epochs=200");
  const [first, second] = [await look(script), await look(script)];
  await first.click("#double");
  for (const tab of [first, second]) await tab.waitFor(`${text("#rate")} === "1.8"`);
  await first.close();
  const epoch = Number.parseInt(await second.evaluate<string>(text("#epoch")));
  await second.waitFor(`parseInt(${text("#epoch")}) > ${epoch}`, { seconds: 60 });
  const third = await look(script);
  const rows = `document.querySelectorAll("#epoch-table tbody tr").length`;
  assert(await third.evaluate<number>(rows) >= epoch - 1);
  await third.waitFor(`/learning rate 0.9 → 1.8/.test(${text("#notes")})`);
  script.child.kill("SIGKILL");
  await third.waitFor(`${isShown("banner")} && /does not answer/.test(${text("#banner")})`);
  await second.close();
  await third.close();
});

Deno.test("light and dark, English and Chinese are the system's, or chosen and remembered", async () => {
  await using script = await lenet("--epochs=200");
  const tab = await look(script, { theme: "dark", lang: "zh-CN" });
  const bright = () =>
    tab.evaluate<number>(`getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)
      .reduce((a, b) => a + b) / 3`);
  assertLess(await bright(), 60);
  assertEquals(await tab.evaluate(text("#curves h2")), "曲线");
  assertEquals(await tab.evaluate("document.documentElement.lang"), "zh");
  assertEquals(
    await tab.evaluate(`[...document.querySelectorAll("[data-word]")].filter((e) => !e.textContent).length`),
    0,
  );
  const choose = (id: string, value: string) =>
    tab.evaluate(`(() => { const s = document.getElementById("${id}"); s.value = "${value}";
      s.dispatchEvent(new Event("change", { bubbles: true })); })()`);
  await choose("theme", "light");
  assert(await bright() > 200);
  await choose("lang", "en");
  await tab.waitFor(`${text("#curves h2")} === "Curves" && ${text("#state")} === "training"`);
  await tab.goto(script.url);
  await tab.waitFor(`${text("#curves h2")} === "Curves" && ${isShown("curves")}`);
  assert(await bright() > 200);
  await tab.evaluate("localStorage.clear()"); // of the other tabs, too
  assertEquals(tab.errors, []);
  await tab.close();
});

Deno.test("nothing lies beside the window at 320, 390 and 768 pixels, in both languages", async () => {
  await using folder = await tempFolder();
  await using script = await lenet("--epochs=200", `--out=${join(folder.path, "run")}`);
  for (const lang of ["en-US", "zh-CN"]) {
    for (const width of [320, 390, 768]) {
      const tab = await look(script, { width, height: 844, isPhone: width < 700, lang });
      assertEquals([width, await tab.evaluate(BESIDE)], [width, []]);
      const small = await tab.evaluate(`[...document.querySelectorAll("button, input, select")]
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 32).map((e) => e.id)`);
      assertEquals(small, []);
      await tab.close();
    }
  }
});

Deno.test("watch.ts shows runs side by side, each to be looked at, and what is added", async () => {
  await using folder = await tempFolder();
  const folders = ["one", "two"].map((name) => join(folder.path, name));
  for (const [k, out] of folders.entries()) {
    await using script = await lenet("--epochs=3", `--out=${out}`, `--seed=${k + 1}`);
    assertEquals((await script.end()).code, 0);
  }
  await using watch = await serving(["examples/watch.ts", ...folders, "--port=0"]);
  const tab = await look(watch);
  assertEquals(await tab.evaluate(`document.querySelectorAll("#loss-chart path").length`), 2);
  assertEquals(await tab.evaluate(`document.querySelectorAll("#runs button").length`), 2);
  assertEquals(await tab.evaluate(isShown("control")), false);
  assertEquals(await tab.evaluate(text("#state")), "finished");
  const pressed =
    `[...document.querySelectorAll("#runs button")].map((b) => b.getAttribute("aria-pressed")).join()`;
  await tab.evaluate(`document.querySelector("#runs button").focus()`);
  await tab.press("Enter");
  await tab.waitFor(`${pressed} === "true,false"`);
  assertEquals(await tab.evaluate(`document.activeElement.parentElement.id`), "runs");
  const metrics = await Deno.readTextFile(join(folders[0], "metrics.jsonl"));
  await Deno.writeTextFile(
    join(folders[0], "metrics.jsonl"),
    metrics + metrics.split("\n")[0].replace('"epoch":1', '"epoch":4') + "\n",
  );
  await tab.waitFor(`document.querySelectorAll("#epoch-table tbody tr").length === 4`);
  assertEquals(await tab.evaluate(pressed), "true,false");
  assertEquals(tab.errors, []);
  await tab.close();
});
