import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { stripTypeScriptTypes } from "node:module";
import { pageHandler } from "../../examples/serving/page_server.ts";
import { parseIdx } from "../../mod.ts";
import { modulesIn, readSource } from "../support/imports.ts";
import { runExample } from "../support/subprocess.ts";

const handle = pageHandler();
const get = (path: string) => handle(new Request(`http://127.0.0.1${path}`));

Deno.test("the page's server gives the page, modules without types and the images", async () => {
  assertEquals((await get("/")).status, 302);
  const page = await get("/examples/browser/");
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assertStringIncludes(await page.text(), 'src="page.js"');
  for (
    const path of ["/examples/browser/worker.js", "/examples/browser/training.ts", "/mod.ts", "/ops/mod.ts"]
  ) {
    const module = await get(path);
    assertEquals([module.status, module.headers.get("content-type")], [
      200,
      "text/javascript; charset=utf-8",
    ]);
    assertEquals(/\binterface \w+ \{|import type \{/.test(await module.text()), false);
  }
  const labels = parseIdx(await (await get("/examples/browser/data/t10k-labels-idx1-ubyte.gz")).bytes());
  assertEquals([labels.shape, labels.data[0]], [[10_000], 9]);
});

Deno.test("the page's server gives nothing else", async () => {
  const others = [
    "/deno.json",
    "/tests/structure_test.ts",
    "/examples/lenet.ts",
    "/examples/browser/none.js",
    "/examples/browser/../lenet.ts",
    "/examples/browser/%2e%2e/lenet.ts",
    "/ops/..%2fdeno.json",
    "/ops/none.ts",
    "/examples/browser/data/other.gz",
  ];
  for (const path of others) assertEquals((await get(path)).status, 404, path);
});

Deno.test("every module of the library is JavaScript once its types are taken out", async () => {
  const paths = (await Promise.all(["mod.ts", "ops", "nn", "data"].map(modulesIn))).flat();
  assert(paths.length > 300);
  for (const path of paths) stripTypeScriptTypes(await readSource(path)); // throws where they are more than that
});

Deno.test("web.ts says that its port must be free", async () => {
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(),
  );
  const { code, stderr } = await runExample("web.ts", [`--port=${other.addr.port}`]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot serve as 127.0.0.1:${other.addr.port} must be free and allowed`);
});
