/**
 * Runs modules of tests in Chromium and in Node.
 *
 * @module
 */
import { join } from "@std/path";
import { cacheFolder, readEnv } from "../../ops/core/files.ts";
import { SWIFTSHADER } from "../../scripts/drivers.ts";
import { Chromium } from "../browser/chromium.ts";
import { type FileOutcome, WHOLE_FILE } from "../drivers/differences.ts";
import { bundleTests } from "./bundle.ts";
import { type ModuleResult, serveTests } from "./server.ts";

/** Where tests are run beside Deno. */
export type RuntimeName = "chromium" | "node";

/** What gives Chromium WebGPU on a machine without a graphics card. */
export const GPU_ARGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** How tests are run. */
export interface RunOptions {
  /** Seconds that a module may take, 300 unless given. */
  seconds?: number;
  /** How many run at once, 1 unless given. */
  lanes?: number;
  /** Called with what each handed back. */
  onResult?(result: ModuleResult): void;
  /** Called as each ends. */
  onModule?(outcome: FileOutcome, seconds: number): void;
}

/** WebGPU for Node: Dawn, as a package of npm's. */
const WEBGPU = "webgpu@0.6.2";

/**
 * The folder of the npm package `webgpu`, which is installed into the cache's folder where it is not there.
 *
 * @returns The folder. Rejects where npm cannot install it.
 */
async function webgpuPackage(): Promise<string> {
  const cache = cacheFolder(readEnv);
  if (!cache) throw new Error("Cannot run tests in Node as there must be a cache folder: found none");
  const folder = join(cache, `node/${WEBGPU}`), found = join(folder, "node_modules/webgpu");
  if (await Deno.stat(join(found, "index.js")).then(() => true, () => false)) return found;
  await Deno.mkdir(folder, { recursive: true });
  const { code, stderr } = await new Deno.Command("npm", {
    args: ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", WEBGPU],
  }).output();
  if (code === 0) return found;
  throw new Error(
    `Cannot run tests in Node as npm must install ${WEBGPU}: ${new TextDecoder().decode(stderr)}`,
  );
}

/** What came of a module, as the lists of differences know it. */
function outcomeOf({ file, outcomes, failure }: ModuleResult): FileOutcome {
  const failed = outcomes.filter(({ message }) => message !== undefined);
  const failures = failed.map(({ name, message }) => ({ file, test: name, message: message! }));
  if (failure !== undefined) failures.push({ file, test: WHOLE_FILE, message: failure });
  return { file, passed: outcomes.length - failed.length, failures };
}

/**
 * Runs modules of tests.
 *
 * @param runtime Where.
 * @param files Their paths in the repository.
 * @returns What came of each.
 */
export async function runTests(
  runtime: RuntimeName,
  files: readonly string[],
  { seconds = 300, lanes = 1, onResult, onModule }: RunOptions = {},
): Promise<FileOutcome[]> {
  const folder = await Deno.makeTempDir({ prefix: "plunge_runtimes_" });
  const outcomes: FileOutcome[] = [], ended = Promise.withResolvers<void>();
  let begun = performance.now();
  const done = (result: ModuleResult) => {
    const outcome = outcomeOf(result), now = performance.now();
    outcomes.push(outcome);
    onResult?.(result);
    onModule?.(outcome, (now - begun) / 1000);
    begun = now;
  };
  try {
    await bundleTests(runtime === "chromium" ? "page" : "node", files, folder);
    const work = { files: [...files], seconds, done, end: ended.resolve };
    await using server = serveTests(folder, work);
    const origin = `http://127.0.0.1:${server.addr.port}`;
    begun = performance.now();
    if (runtime === "chromium") {
      await using browser = await Chromium.launch({ args: GPU_ARGS });
      const tab = await browser.open();
      await tab.goto(`${origin}/?lanes=${lanes}`);
      await ended.promise;
    } else {
      await webgpuPackage(); // once, before several ask
      await Promise.all(Array.from({ length: lanes }, () => runInNode(folder, origin, work)));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return outcomes;
}

async function runInNode(
  folder: string,
  origin: string,
  { files, seconds, done }: { files: string[]; seconds: number; done(result: ModuleResult): void },
): Promise<void> {
  const webgpu = await webgpuPackage();
  for (let file = files.shift(); file; file = files.shift()) {
    const module = join(folder, file.replace(/\.ts$/, ".js"));
    const { stdout, stderr, code } = await new Deno.Command("node", {
      args: [join(folder, "tests/runtimes/node/main.js"), webgpu, module],
      env: {
        VK_ICD_FILENAMES: SWIFTSHADER,
        VK_DRIVER_FILES: SWIFTSHADER,
        PLUNGE_SERVER: origin,
        XDG_RUNTIME_DIR: "/tmp",
      },
      signal: AbortSignal.timeout(1000 * seconds),
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const found = /^OUTCOMES (.*)$/m.exec(text(stdout));
    const failure = `it ended with code ${code}: ${text(stderr).slice(-1000)}`;
    done(found ? { file, ...JSON.parse(found[1]) } : { file, outcomes: [], failure });
  }
}
