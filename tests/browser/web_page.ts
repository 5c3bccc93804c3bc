// The page that trains: its curve falls, it names what is drawn, it pauses and goes on, and it fits a phone.
import { assert, assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { pageHandler } from "../../examples/serving/page_server.ts";
import { GPU_ARGS } from "../runtimes/run_tests.ts";
import { Chromium, type Tab } from "./chromium.ts";

const shown = (id: string) => `document.getElementById(${JSON.stringify(id)}).textContent`;
const number = (tab: Tab, id: string) => tab.evaluate<number>(`Number(${shown(id)})`);

/** Opens the page in a browser of its own, with or without WebGPU. */
async function withPage(args: string[], use: (tab: Tab, origin: string) => Promise<void>): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, pageHandler());
  await using browser = await Chromium.launch({ args });
  const tab = await browser.open({ width: 1200, height: 800, lang: "en" }),
    origin = `http://127.0.0.1:${server.addr.port}`;
  await tab.goto(`${origin}/`);
  await use(tab, origin);
  assertEquals(tab.requests.filter((url) => !url.startsWith(origin) && !url.startsWith("data:")), []);
}

/** Draws trousers: two legs and a waist. */
async function drawTrousers(tab: Tab): Promise<void> {
  const box = await tab.evaluate<{ x: number; y: number; width: number }>(`(() => {
    const pad = document.getElementById("pad");
    pad.scrollIntoView({ block: "center" });
    return pad.getBoundingClientRect().toJSON();
  })()`);
  const at = (x: number, y: number) => ({ x: box.x + x * box.width, y: box.y + y * box.width });
  for (const [from, to] of [[[.42, .12], [.36, .92]], [[.58, .12], [.64, .92]], [[.4, .12], [.6, .12]]]) {
    const mouse = (type: string, [x, y]: number[]) =>
      tab.send("Input.dispatchMouseEvent", { type, ...at(x, y), button: "left", buttons: 1, clickCount: 1 });
    await mouse("mousePressed", from);
    await mouse("mouseMoved", to);
    await mouse("mouseReleased", to);
  }
}

Deno.test("the page trains, pauses and goes on, and names what is drawn", async () => {
  await withPage(GPU_ARGS, async (tab) => {
    await tab.waitFor("!document.getElementById('train').disabled", { seconds: 120 });
    await tab.click("#train");
    await tab.waitFor(`Number(${shown("step")}) >= 10`, { seconds: 240 });
    await tab.click("#pause");
    await tab.waitFor(`${shown("state")} === "paused"`, { seconds: 60 });
    const step = await number(tab, "step");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assertEquals(await number(tab, "step"), step);
    await tab.click("#pause");
    await tab.waitFor(`Number(${shown("step")}) > ${step}`, { seconds: 60 });
    await tab.waitFor(`Number(${shown("accuracy")}) > 0`, { seconds: 900 });
    assertGreater(await number(tab, "accuracy"), 0.7);
    assertLess(await number(tab, "loss"), 1); // from 2.75
    // PyTorch and Deno had the same weights and images: their losses lie on these
    const apart = /most (\S+) from PyTorch's and (\S+) from/.exec(
      await tab.evaluate<string>(shown("curve-text")),
    );
    assert(apart);
    assertLess(Math.max(Number(apart[1]), Number(apart[2])), 5e-3);
    await tab.click("#clear");
    await drawTrousers(tab);
    assertStringIncludes(await tab.waitFor<string>(shown("answer"), { seconds: 60 }), "Trouser");
    assertEquals(
      await tab.evaluate("document.querySelectorAll('#filters canvas, #maps canvas').length"),
      6 + 14,
    );
    await tab.emulate({ width: 390, height: 844, isPhone: true });
    assertEquals(await tab.evaluate("document.documentElement.scrollWidth"), 390);
    await tab.click("#language");
    assertEquals(await tab.evaluate(shown("train")), "重新训练");
    assertEquals(tab.errors, []);
  });
});

Deno.test("without WebGPU the page says what to do in this browser", async () => {
  await withPage(["--disable-gpu"], async (tab) => {
    const text = await tab.waitFor<string>(
      `!document.getElementById("trouble").hidden && ${shown("trouble")}`,
    );
    assertStringIncludes(text, "Chrome and Edge have WebGPU from 113 on");
    const others = await tab.evaluate<string[]>(`import("/examples/browser/words.js").then(({ advice }) => [
      advice("Gecko/20100101 Firefox/140.0", true),
      advice("Version/18.0 Safari/605.1.15", true),
      advice("", true),
      advice("Chrome/156", false),
    ])`);
    for (const [k, word] of ["about:config", "version 26", "Take a browser", "localhost"].entries()) {
      assertStringIncludes(others[k], word);
    }
  });
});
