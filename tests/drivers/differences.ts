/**
 * What differs on a driver, as the tests see it: what is expected, with its reason, and what of it is not as expected.
 *
 * @module
 */

/** A test that fails on a driver, for a reason that is the driver's own. */
export interface Expected {
  readonly driver: string;
  /** The file of tests; null where it may be any. */
  readonly file: string | null;
  /** The test's name. */
  readonly test: string;
  /** Part of what it fails with. */
  readonly message: string;
  readonly why: string;
  /** Whether it comes at some runs and not at others, so that nothing is said where it does not come. */
  readonly isSometimes?: boolean;
}

/** What stands for a test where the process ended otherwise than tests do: amid them, or when all had passed. */
export const WHOLE_FILE = "(the whole file)", AFTER_ALL = "(after all tests)";

/** A test that failed. */
export interface Failure {
  readonly file: string;
  readonly test: string;
  readonly message: string;
}

/** What the tests of a file came to on a driver. */
export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
}

/** What is not as it should be. */
export interface Surprise {
  readonly kind: "unexpected" | "vanished";
  readonly file: string;
  readonly test: string;
  readonly text: string;
}

/** Differences that are the drivers' own. */
export const EXPECTED: readonly Expected[] = [
  ...["gl", "swiftshader"].map((driver): Expected => ({
    driver,
    file: null,
    test: AFTER_ALL,
    message: "the process ended with code 134",
    why:
      "the C library finds a native heap spoilt when one process in a hundred ends; JavaScript cannot reach it",
    isSometimes: true,
  })),
  {
    driver: "gl",
    file: "tests/ops/gpu/out_of_memory_test.ts",
    test: "a process whose memory ends says what holds it, and goes on",
    message: "there was memory for all",
    why:
      "WebGPU over Mesa's GL reports no error where the system refuses it memory: the buffer is empty, without a word",
  },
  {
    driver: "swiftshader",
    file: "tests/ops/kernels/wgsl/math_test.ts",
    test: "powf is right to 3 units in the last place, everywhere",
    message: "'-1.5958547431116747e-40 to the power -1.5958547431116747e-40 is 1'",
    why:
      "SwiftShader takes denormal numbers for 0, as WGSL allows: to a denormal power a negative number gives 1, not NaN",
  },
  {
    driver: "swiftshader",
    file: "tests/ops/special_values_test.ts",
    test: "minimum() is PyTorch's at special values",
    message: "'1e-45 and 0: 1.401298464324817e-45, expected 0'",
    why:
      "SwiftShader takes denormal numbers for 0 where it compares, as WGSL allows, and so for no larger than 0",
  },
  {
    driver: "swiftshader",
    file: "tests/ops/gpu/out_of_memory_test.ts",
    test: "a process whose memory ends says what holds it, and goes on",
    message: "-   0,", // the exit code: 139 mostly
    why:
      "SwiftShader ends the process by a fault (SIGSEGV) where the system refuses it memory, and reports no error",
  },
  {
    driver: "mesa",
    file: "tests/ops/gpu/out_of_memory_test.ts",
    test: "a process whose memory ends says what holds it, and goes on",
    message: "-   0,", // the exit code: 139
    why:
      "where the system refuses it memory, Mesa 25 hands out an address that is not there, and what fills it ends by a fault (SIGSEGV)",
  },
];

/**
 * Compares outcomes with what is expected of a driver.
 *
 * @param driver Its name.
 * @param outcomes Those of the files that were run.
 * @param expected Differences of all drivers.
 * @returns The failures that nobody expects, and the expected ones of these files that did not come.
 */
export function surprises(
  driver: string,
  outcomes: readonly FileOutcome[],
  expected: readonly Expected[],
): Surprise[] {
  const own = expected.filter((e) => e.driver === driver);
  const meets = (e: Expected, f: Failure) =>
    (e.file ?? f.file) === f.file && e.test === f.test && f.message.includes(e.message);
  return outcomes.flatMap(({ file, failures }): Surprise[] => [
    ...failures.filter((f) => !own.some((e) => meets(e, f)))
      .map(({ test, message }) => ({ kind: "unexpected" as const, file, test, text: message })),
    ...own.filter((e) => e.file === file && !e.isSometimes && !failures.some((f) => meets(e, f)))
      .map(({ test, why }) => ({ kind: "vanished" as const, file, test, text: why })),
  ]);
}

/**
 * Reads what `deno test --junit-path` writes.
 *
 * @param xml The text.
 * @param file The file that was run.
 * @returns Its outcome. A test whose steps failed counts as each of them, not as itself.
 */
export function readJunit(xml: string, file: string): FileOutcome {
  const failures: Failure[] = [];
  let passed = 0;
  for (const [, name, body = ""] of xml.matchAll(CASE)) {
    const message = FAILURE.exec(body)?.[1];
    if (message === undefined) passed += body.includes("<skipped") ? 0 : 1;
    else if (!STEPS_FAILED.test(message)) {
      failures.push({ file, test: unescaped(name), message: unescaped(message) });
    }
  }
  return { file, passed, failures };
}

const CASE = /<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
const FAILURE = /<failure message="([^"]*)"/;
const STEPS_FAILED = /^\d+ test steps? failed/;
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };

function unescaped(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (_, decimal, hex, name) =>
      name
        ? ENTITIES[name] ?? `&${name};`
        : String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16)),
  );
}
