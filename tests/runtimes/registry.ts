/**
 * The tests of a module that was loaded in a page or in Node, and running them as `deno test` does.
 *
 * @module
 */

/** What a test came to. */
export interface TestOutcome {
  readonly name: string;
  /** What it failed with; undefined where it passed. */
  readonly message?: string;
}

/** What a test is given: steps, each of which may fail by itself. */
interface TestContext {
  step(name: string, fn: () => unknown): Promise<boolean>;
}

type TestFunction = (t: TestContext) => unknown;
interface TestDefinition {
  name: string;
  fn: TestFunction;
}

const registered: TestDefinition[] = [];

/** `Deno.test`, in the ways that the tests call it. */
export function test(name: string | TestDefinition, fn?: TestFunction): void {
  registered.push(typeof name === "string" ? { name, fn: fn! } : name);
}

/** Something of Deno's that there is none of here. A test that asks for it cannot be run. */
export class NotHere extends Error {
  override name = "NotHere";
}

/**
 * An object that refuses what it does not have.
 *
 * @param has What is there.
 * @param name What it is called, for the error.
 */
export function only<T extends object>(has: T, name: string): T {
  return new Proxy(has, {
    get(target, key) {
      if (key in target || typeof key === "symbol" || key === "then") return Reflect.get(target, key);
      throw new NotHere(`${name}.${key} is not in this runtime`);
    },
  });
}

/** Runs the tests that were registered since the last time, in order. */
export async function runRegistered(report: (outcome: TestOutcome) => void): Promise<void> {
  for (const { name, fn } of registered.splice(0)) {
    let failedSteps = 0;
    const step = async (stepName: string, stepFn: () => unknown) => {
      const outcome = await outcomeOf(stepName, stepFn);
      if (outcome.message !== undefined) failedSteps++;
      report(outcome);
      return outcome.message === undefined;
    };
    const outcome = await outcomeOf(name, () => fn({ step }));
    if (failedSteps === 0 || outcome.message !== undefined) report(outcome);
  }
}

async function outcomeOf(name: string, fn: () => unknown): Promise<TestOutcome> {
  try {
    await fn();
    return { name };
  } catch (error) {
    return { name, message: messageOf(error) };
  }
}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error.message}\n${error.stack?.split("\n").slice(-3).join("\n") ?? ""}`;
}
