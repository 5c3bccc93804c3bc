// The server's side of the live page: requests, refusals, and what tabs hear.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Command } from "../../../examples/live/commands.ts";
import { Hub } from "../../../examples/live/hub.ts";
import { SCRIPT } from "../../../examples/live/page.ts";
import { applyEvent, type RunView } from "../../../examples/live/run_view.ts";
import { words } from "../../../examples/live/page/words.js";
import { BEGIN, epoch, progress } from "./_events.ts";

const HERE = "http://127.0.0.1:8000";

function hubOf(command?: (command: Command) => void) {
  const hub = new Hub({ isLocal: true, command });
  return Object.assign(hub, { [Symbol.dispose]: () => hub.close() });
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
  const all = { "content-type": "application/json", ...headers };
  return new Request(HERE + path, { method: "POST", headers: all, body: JSON.stringify(body) });
}

/** A tab: what it has heard so far. */
async function tab(hub: Hub) {
  const { body, headers } = await hub.handle(new Request(`${HERE}/events`));
  assertEquals(headers.get("content-type"), "text/event-stream");
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async until(wanted: string): Promise<string> {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        assert(!done, `${wanted} did not come: ${text}`);
        text += value;
      }
      return text;
    },
    close: () => reader.cancel(),
  };
}

Deno.test("tabs hear the same, a new one hears what was before, and one that closes disturbs none", async () => {
  using hub = hubOf();
  const first = await tab(hub), second = await tab(hub);
  hub.tell(BEGIN);
  hub.tell(progress(1, 5));
  for (const each of [first, second]) await each.until('"step":5');
  await first.close();
  assertEquals(hub.clients, 1);
  hub.tell(epoch(1));
  await second.until('"testAcc":0.75');
  const third = await tab(hub), state = await third.until("\n\n");
  const { runs, canControl } = JSON.parse((await third.until("event: state")).match(/^data: (.*)$/m)![1]);
  assertEquals([runs.length, runs[0].metrics.length, runs[0].points, canControl], [
    1,
    1,
    [[0.5, 1, 0.5]],
    false,
  ]);
  assertMatch(state, /^retry: 1000\n\n/);
  hub.close();
  await second.until("event: close");
  await third.until("event: close");
  assertEquals(hub.clients, 0);
});

Deno.test("a tab that does not read is left, and the others are not", async () => {
  using hub = hubOf();
  hub.tell(BEGIN);
  await hub.handle(new Request(`${HERE}/events`)); // nobody reads it
  const reading = await tab(hub);
  for (let step = 1; step <= 600; step++) {
    hub.tell(progress(1, step));
    await reading.until(`"step":${step},`);
  }
  assertEquals(hub.clients, 1);
  await reading.close();
});

Deno.test("commands are taken from the page alone, checked, and refused where there is nothing to command", async () => {
  const asked: Command[] = [];
  using hub = hubOf((command) => asked.push(command));
  const status = async (request: Request) => (await hub.handle(request)).status;
  assertEquals(await status(post("/stop", {})), 409);
  hub.tell({ ...BEGIN, folder: "runs/a" });
  for (
    const [path, body] of [
      ["/stop", {}],
      ["/checkpoint", {}],
      ["/lr", { lr: 0.5 }],
      ["/lr", { factor: 2 }],
      ["/choose", { places: [3, 17] }],
    ] as const
  ) assertEquals(await status(post(path, body, { origin: HERE })), 202, path);
  const { length } = asked;
  assertEquals(asked, [
    { kind: "stop" },
    { kind: "checkpoint" },
    { kind: "lr", lr: 0.5 },
    { kind: "scale", factor: 2 },
    { kind: "choose", places: [3, 17] },
  ]);
  const refused: [request: Request, status: number, found: string][] = [
    [post("/stop", {}, { origin: "https://evil.test" }), 403, "pages of https://evil.test may not ask"],
    [post("/stop", {}, { origin: "http://127.0.0.1:9999" }), 403, "may not ask"],
    [post("/stop", {}, { "content-type": "text/plain" }), 415, "application/json"],
    [post("/lr", { lr: -1 }), 400, "lr must be a number above 0: -1"],
    [post("/lr", { lr: "0.1" }), 400, "lr must be a number above 0"],
    [post("/lr", { factor: 0 }), 400, "factor must be a number above 0: 0"],
    [post("/choose", { places: [-1] }), 400, "whole numbers from 0 up: [-1]"],
    [post("/choose", { places: [1, 2, 3, 4, 5, 6, 7] }), 400, "places must be 1 to 6"],
    [post("/lr", "x".repeat(5000)), 400, "at most 4096"],
    [post("/format-disk", {}), 404, "there is /stop, /checkpoint, /lr and /choose"],
    [new Request(`${HERE}/secret`), 404, "there is /, /events and /runs"],
    [new Request(`${HERE}/stop`, { method: "PUT" }), 405, "it takes GET and POST"],
    [new Request("http://evil.test:8000/events"), 403, "the host evil.test is not this machine's"],
    [new Request(`${HERE}/`, { headers: { origin: "https://evil.test" } }), 403, "may not ask"],
  ];
  for (const [request, status, found] of refused) {
    const response = await hub.handle(request);
    assertEquals(response.status, status, found);
    assertStringIncludes((await response.json()).error, found);
  }
  assertEquals(asked.length, length);
  hub.tell({ ...BEGIN, folder: null });
  assertEquals(await status(post("/checkpoint", {})), 409);
  hub.tell({ kind: "end", how: "finished", text: "" });
  assertEquals(await status(post("/stop", {})), 409);
  using folders = hubOf();
  folders.tell(BEGIN);
  assertEquals((await folders.handle(post("/stop", {}))).status, 409);
});

Deno.test("the page takes nothing from elsewhere, and has every word in both languages", async () => {
  using hub = hubOf();
  const response = await hub.handle(new Request(`${HERE}/`)), text = await response.text();
  assertMatch(response.headers.get("content-security-policy")!, /^default-src 'none'; .*connect-src 'self'/);
  assertEquals(text.match(/(src|href)="(?!data:)/g), null);
  assertEquals(SCRIPT.match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/g), null);
  const { en, zh } = words() as Record<string, Record<string, unknown>>;
  assertEquals(Object.keys(zh), Object.keys(en));
  const used = [...text.matchAll(/data-word="(\w*)"/g)].map(([, word]) => word);
  assertEquals(used.filter((word) => typeof en[word] !== "string"), []);
  const inScript = [...SCRIPT.matchAll(/\bwords\.(\w+)/g)].map(([, word]) => word);
  assertEquals(inScript.filter((word) => !(word in en)), []);
  new Function(SCRIPT); // it parses
});

Deno.test("a run's view holds what happened, of hours too, and a run that is begun anew takes its place", () => {
  let runs: RunView[] = applyEvent([], { ...BEGIN, folder: "a" });
  for (let step = 1; step <= 10_000; step++) runs = applyEvent(runs, progress(1, step));
  assert(runs[0].points.length <= 3000 && runs[0].points.length > 1000);
  for (let k = 0; k < 200; k++) runs = applyEvent(runs, { kind: "note", text: `${k}`, isWarning: false });
  assertEquals([runs[0].notes.length, runs[0].notes.at(-1)!.text], [50, "199"]);
  runs = applyEvent(runs, { ...BEGIN, folder: "b" });
  runs = applyEvent(runs, { ...BEGIN, folder: "a" });
  assertEquals(runs.map(({ begin }) => begin.folder), ["b", "a"]);
  const history = [1, 2].map((k) =>
    (epoch(k) as Extract<ReturnType<typeof epoch>, { kind: "epoch" }>).metrics
  );
  runs = applyEvent(runs, { kind: "resume", history });
  assertEquals([runs[1].metrics.length, runs[1].points], [2, [[1, 0.5, 0.8], [2, 0.5, 0.8]]]);
  assertEquals(applyEvent([], progress(1, 1)), []);
});
