// Runs the tests that depend on the adapter on several drivers, and holds them to the differences that are the drivers' own.
// deno task test:drivers --help
import { fromFileUrl } from "@std/path";
import { toolOptions as options } from "../../examples/terminal/options.ts"; // the scripts' own, so that all read options alike
import { readEnv } from "../../ops/core/files.ts";
import {
  AFTER_ALL,
  EXPECTED,
  type FileOutcome,
  readJunit,
  type Surprise,
  surprises,
  WHOLE_FILE,
} from "./differences.ts";
import { type Driver, driversOf } from "./drivers.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const PATHS = [
  "tests/ops",
  "tests/nn",
  "tests/oracle_test.ts",
  "tests/trajectories_test.ts",
  "tests/training_test.ts",
  "tests/random_programs_test.ts",
];
const DRIVERS = driversOf(readEnv);
/** Prints what the adapter calls itself, and how many buffers its kernels bind. */
const PROBE = `const adapter = await navigator.gpu.requestAdapter();
if (adapter) console.log(adapter.info.description + ", " + adapter.limits.maxStorageBuffersPerShaderStage);`;

const args = options(
  "Runs the tests that depend on the adapter on several drivers, each file in a process of its own.",
  {
    driver: {
      help: `which drivers, of ${Object.keys(DRIVERS)}`,
      default: Object.keys(DRIVERS).join(","),
      choices: Object.keys(DRIVERS),
      several: true,
    },
    path: { help: "files or folders of tests, with commas between them", default: PATHS.join(",") },
    limit: { help: "seconds that a file may take", default: 1800, least: 1 },
  },
);

/** The test files of a path, in order. */
async function filesOf(path: string): Promise<string[]> {
  const at = path.replace(/\/$/, "");
  if (!(await Deno.stat(`${ROOT}${at}`)).isDirectory) return [at];
  const names = (await Array.fromAsync(Deno.readDir(`${ROOT}${at}`))).sort((a, b) =>
    a.name < b.name ? -1 : 1
  );
  const found = names.filter(({ name, isDirectory }) => isDirectory || name.endsWith("_test.ts"));
  return (await Promise.all(found.map(({ name }) => filesOf(`${at}/${name}`)))).flat();
}

/** Runs Deno in a process that takes the driver. */
async function deno(
  driver: Driver,
  command: readonly string[],
  env: Record<string, string>,
  signal?: AbortSignal,
) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...command],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...driver.env, ...env },
    signal,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** What the driver's adapter calls itself; throws where it is not the driver's. */
async function adapterOf(driver: Driver): Promise<string> {
  const preload = driver.preload ? ["--preload", driver.preload] : [];
  const folder = await Deno.makeTempDir({ prefix: "plunge_drivers_" });
  try {
    await Deno.writeTextFile(`${folder}/probe.ts`, PROBE);
    const command = ["run", "-q", "--no-lock", "--no-check", "--env-file=scripts/tasks.env", ...preload];
    const { stdout, stderr } = await deno(driver, [...command, `${folder}/probe.ts`], {});
    if (stdout !== "" && stdout.startsWith(driver.adapter)) return stdout.trim();
    throw new Error(
      `Cannot test on ${driver.title} as its adapter must be there: ${
        (stdout || stderr).trim() || "none is"
      }`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the tests of a file; one that ends otherwise than tests do has failed as a whole. */
async function runFile(driver: Driver, file: string): Promise<FileOutcome> {
  const report = await Deno.makeTempFile({ prefix: "plunge_drivers_", suffix: ".xml" });
  try {
    const preload = driver.preload ? ["--preload", driver.preload] : [];
    const command = ["test", "-P", "-q", "--no-check", "--lock=scripts/packages.lock", "--frozen"];
    const all = [...command, "--env-file=scripts/tasks.env", `--junit-path=${report}`, ...preload, file];
    const { code, stderr, stdout } = await deno(driver, all, {}, AbortSignal.timeout(1000 * args.limit));
    const outcome = readJunit(await Deno.readTextFile(report), file);
    if (code === 0 || outcome.failures.length > 0) return outcome;
    const message = `the process ended with code ${code}: ${(stderr || stdout).trim().slice(-2000)}`;
    const test = outcome.passed > 0 ? AFTER_ALL : WHOLE_FILE; // the report is written when the last test has ended
    return { ...outcome, failures: [{ file, test, message }] };
  } finally {
    await Deno.remove(report);
  }
}

interface DriverOutcome {
  readonly title: string;
  readonly adapter: string;
  readonly passed: number;
  readonly failed: number;
  readonly surprises: readonly Surprise[];
  readonly seconds: number;
}

/** Runs all files on a driver, saying how each went. */
async function runDriver(name: string, files: readonly string[]): Promise<DriverOutcome> {
  const driver = DRIVERS[name], start = performance.now(), outcomes: FileOutcome[] = [];
  const adapter = await adapterOf(driver), found: Surprise[] = [];
  console.log(`\n${driver.title} (${adapter} storage buffers)`);
  for (const file of files) {
    const began = performance.now(), outcome = await runFile(driver, file);
    const seconds = ((performance.now() - began) / 1000).toFixed(1), { passed, failures } = outcome;
    console.log(`  ${file}: ${passed} passed, ${failures.length} failed (${seconds} s)`);
    for (const { kind, test, text } of surprises(name, [outcome], EXPECTED)) {
      found.push({ kind, file, test, text });
      console.log(`    ${kind}: ${test}\n${text.replace(/^/gm, "      ")}`);
    }
    outcomes.push(outcome);
  }
  return {
    title: driver.title,
    adapter,
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.reduce((sum, { failures }) => sum + failures.length, 0),
    surprises: found,
    seconds: (performance.now() - start) / 1000,
  };
}

const files = (await Promise.all(args.path.split(",").map(filesOf))).flat();
const results: DriverOutcome[] = [];
for (const name of args.driver.split(",")) {
  const { file, title, isOptional } = DRIVERS[name];
  if (file && isOptional && !await Deno.stat(file).then(() => true, () => false)) {
    console.log(`\n${title} is left out, as it is not to be had here: ${file} is missing`);
    continue;
  }
  results.push(await runDriver(name, files));
}

console.log("\n| driver | adapter, storage buffers | passed | expected differences | surprises | minutes |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const { title, adapter, passed, failed, surprises, seconds } of results) {
  const expected = failed - surprises.filter(({ kind }) => kind === "unexpected").length;
  const cells = [title, adapter, passed, expected, surprises.length, (seconds / 60).toFixed(1)];
  console.log(`| ${cells.join(" | ")} |`);
}
if (results.some(({ surprises }) => surprises.length > 0)) Deno.exit(1);
