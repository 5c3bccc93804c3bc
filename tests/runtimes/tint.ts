/**
 * Compiling the texts of kernels by Tint, Chromium's compiler, which is stricter than Deno's: it refuses barriers that not
 * all invocations reach, conversions that are not written and words that are reserved.
 *
 * @module
 */
import { join } from "@std/path";
import { Chromium } from "../browser/chromium.ts";
import { ROOT } from "../support/subprocess.ts";
import { GPU_ARGS } from "./run_tests.ts";

/** The folder of the texts that `collect_wgsl.ts` keeps. */
const FOLDER = join(ROOT, ".wgsl");

/**
 * Runs tests in Deno and collects the texts of the kernels that they compile.
 *
 * @param paths Files or folders of tests.
 * @returns The texts, each with its kernel's name.
 */
export async function collectTexts(paths: readonly string[]): Promise<Map<string, string>> {
  await Deno.remove(FOLDER, { recursive: true }).catch(() => {});
  const preload = join(ROOT, "tests/runtimes/collect_wgsl.ts");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-P", "--quiet", "--no-check", "--no-lock", "--preload", preload, ...paths],
    cwd: ROOT,
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).slice(-3000);
  if (code !== 0) throw new Error(`the tests that make the texts failed:\n${text(stdout)}\n${text(stderr)}`);
  const texts = new Map<string, string>();
  for await (const { name } of Deno.readDir(FOLDER)) {
    for (const [code, label] of JSON.parse(await Deno.readTextFile(join(FOLDER, name)))) {
      texts.set(code, label);
    }
  }
  await Deno.remove(FOLDER, { recursive: true });
  return texts;
}

/** What the page does: it fetches the texts, compiles them and gives what the compiler says of each. */
const SCRIPT = `(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice({ requiredLimits: {
    maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupStorageSize: adapter.limits.maxComputeWorkgroupStorageSize,
  } });
  device.addEventListener("uncapturederror", (event) => event.preventDefault());
  const texts = await (await fetch("/texts")).json(), found = [];
  globalThis.compiled = 0;
  for (const [code, label] of texts) {
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    for (const { type, message, lineNum } of messages) {
      if (type !== "info") found.push(label + ", " + type + ": " + message + "\\n  " + code.split("\\n")[lineNum - 1]);
    }
    globalThis.compiled++;
  }
  globalThis.said = found;
})(), true`;

/**
 * Compiles texts.
 *
 * @param texts The texts, each with its kernel's name.
 * @returns Errors and warnings, each with the kernel's name and the line.
 */
export async function compileByTint(texts: ReadonlyMap<string, string>): Promise<string[]> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      new URL(request.url).pathname === "/texts"
        ? Response.json([...texts])
        : new Response("<!doctype html><title>Tint</title>", { headers: { "content-type": "text/html" } }),
  );
  await using browser = await Chromium.launch({ args: GPU_ARGS });
  const tab = await browser.open();
  await tab.goto(`http://127.0.0.1:${server.addr.port}/`);
  await tab.evaluate(SCRIPT);
  await tab.waitFor("globalThis.said", { seconds: 600 });
  const compiled = await tab.evaluate<number>("globalThis.compiled");
  if (compiled !== texts.size) throw new Error(`${compiled} of ${texts.size} texts were compiled`);
  return await tab.evaluate<string[]>("globalThis.said");
}
