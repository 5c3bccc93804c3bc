import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encode } from "npm:fast-png@8";
import { trainedNetwork } from "../../examples/networks.ts";
import { handler } from "../../examples/serve.ts";
import { openDevice } from "../../mod.ts";
import { undisposed } from "../support/memory.ts";
import { oraclePath } from "../support/oracle.ts";
import { audited } from "../support/permissions.ts";
import { ROOT, runExample } from "../support/subprocess.ts";

const device = await openDevice();
const WEIGHTS = oraclePath("lenet_fashion_mnist.safetensors");
const BOOT = await Deno.readFile(`${ROOT}tests/fixtures/pictures/boot.jpg`);
const PNG = encode({
  width: 28,
  height: 28,
  channels: 1,
  data: Uint8Array.from({ length: 784 }, (_, k) => k % 251),
});
const trained = trainedNetwork(await Deno.readFile(WEIGHTS), { network: "LeNet" });
const serve = () => handler(trained, { dataset: "fashion-mnist", most: 16, wait: 5, isLocal: true });
const HERE = "http://127.0.0.1:8000";
const post = (body: BodyInit, init: RequestInit = {}) =>
  new Request(`${HERE}/classify`, { method: "POST", body, ...init });

Deno.test("concurrent requests are put together, and each gets what it would get alone", async () => {
  const alone = serve(), first = await (await alone(post(BOOT))).json();
  const want = [first, await (await alone(post(PNG as BodyInit))).json()];
  const handle = serve();
  const before = undisposed(device);
  const answers = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, k) => await (await handle(post((k % 2 ? PNG : BOOT) as BodyInit))).json(),
    ),
  );
  answers.forEach((answer, k) => {
    assertEquals([answer.class, answer.inverted, answer.classes.length], [
      want[k % 2].class,
      want[k % 2].inverted,
      10,
    ]);
    for (const [i, { probability }] of answer.classes.entries()) {
      assert(Math.abs(probability - want[k % 2].classes[i].probability) < 1e-5);
    }
  });
  assertEquals([answers[0].class, answers[0].width, answers[0].height], ["Ankle boot", 84, 112]);
  const { answered, batches, latency } = await (await handle(new Request(`${HERE}/figures`))).json();
  assertEquals(answered, 40);
  assert(batches.count < 20 && batches.most > 2 && batches.most <= 16, JSON.stringify(batches));
  assert(latency.p50 > 0 && latency.p50 <= latency.p95 && latency.p95 <= latency.most);
  assertEquals(undisposed(device), before);
});

Deno.test("what is no picture, too large, elsewhere or from elsewhere is refused with what is wrong", async () => {
  const handle = serve();
  const cases: [request: Request, status: number, found: string][] = [
    [post("GIF89a"), 400, "Cannot read a picture as it must be a PNG or a JPEG: it begins with 0x47"],
    [post(BOOT.slice(0, 900)), 400, "Cannot read a JPEG as"],
    [post(""), 400, "it is empty"],
    [post(new Uint8Array(2 ** 24 + 1)), 413, "the file must have at most 16777216 bytes"],
    [post(BOOT, { headers: { origin: "https://evil.test" } }), 403, "pages of https://evil.test may not ask"],
    [new Request("http://evil.test:8000/figures"), 403, "the host evil.test is not this machine's"],
    [new Request(`${HERE}/classify`), 405, "it takes POST"],
    [new Request(`${HERE}/favicon.ico`), 404, "there is /, /figures, /classify"],
  ];
  for (const [request, status, found] of cases) {
    const response = await handle(request), { error } = await response.json();
    assertEquals(response.status, status, found);
    assertStringIncludes(error, found);
  }
  assertEquals((await handle(post(BOOT, { headers: { origin: HERE } }))).status, 200);
  const { answered, refused } = await (await handle(new Request(`${HERE}/figures`))).json();
  assertEquals([answered, refused], [1, 4]);
});

Deno.test("the page takes nothing from elsewhere", async () => {
  const response = await serve()(new Request(`${HERE}/`)), text = await response.text();
  assertMatch(response.headers.get("content-security-policy")!, /^default-src 'none'; .*connect-src 'self'/);
  assertStringIncludes(text, `curl --data-binary @picture.png ${HERE}/classify`);
  assertEquals(text.match(/(src|href)="(?!data:)/g), null);
});

Deno.test("serve refuses what it cannot use, serves, and ends on SIGTERM", async () => {
  const { code, stderr } = await runExample("serve.ts", []);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "error: Cannot do without --weights as a trained network must be given");
  const status = await audited(async (env) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-P", "--no-prompt", "--quiet", "--env-file=scripts/tasks.env", "examples/serve.ts"]
        .concat(`--weights=${WEIGHTS}`, "--port=0"),
      cwd: ROOT,
      env: { NO_COLOR: "1", ...env },
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "", url: string | undefined;
    while (!url) {
      const { value, done } = await reader.read();
      if (done) break;
      url = /http:\/\/127\.0\.0\.1:\d+/.exec(text += value)?.[0];
    }
    const response = await fetch(`${url}/classify`, { method: "POST", body: BOOT });
    assertEquals((await response.json()).class, "Ankle boot");
    child.kill("SIGTERM");
    const status = await child.status;
    while (!(await reader.read()).done); // to its end
    return status;
  });
  assertEquals([status.code, status.signal], [0, null]);
});
