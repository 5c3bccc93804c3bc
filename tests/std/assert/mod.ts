/**
 * Stands in for `@std/assert` where its registry is out of reach: the same names and signatures, with
 * `node:assert` writing the differences.
 *
 * @module
 */
import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect } from "node:util";
import { equal } from "./equal.ts";

// deno-lint-ignore no-explicit-any
type AnyConstructor = abstract new (...args: any[]) => any;
// deno-lint-ignore no-explicit-any
type ErrorConstructorOf<E extends Error> = abstract new (...args: any[]) => E;
type Falsy = false | 0 | 0n | "" | null | undefined;

/** The error that a failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

function suffixed(message: string, msg?: string): string {
  return msg ? `${message}: ${msg}` : message;
}

function difference(actual: unknown, expected: unknown, operator: string): string {
  return new NodeAssertionError({ actual, expected, operator }).message;
}

/** Throws unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Throws unless `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Throws, always. */
export function fail(msg?: string): never {
  throw new AssertionError(suffixed("Failed assertion", msg));
}

/** Throws unless the values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    suffixed("Values are not equal", msg) + `\n${difference(actual, expected, "deepStrictEqual")}`,
  );
}

/** Throws when the values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    suffixed(`Expected actual: ${inspect(actual)} not to be: ${inspect(expected)}`, msg),
  );
}

/** Throws unless the values are the same, as `Object.is` says. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    suffixed("Values are not strictly equal", msg) + `\n${difference(actual, expected, "strictEqual")}`,
  );
}

/** Throws unless the numbers differ by at most `tolerance`, by default a ten-millionth of `expected`. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const bound = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected) * 1e-7 : 1e-7);
  const delta = Math.abs(actual - expected);
  if (delta <= bound) return;
  throw new AssertionError(
    suffixed(`Expected actual: ${actual} to be close to ${expected}: delta ${delta} is over ${bound}`, msg),
  );
}

/** Throws unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(suffixed(`Expected ${inspect(actual)} > ${inspect(expected)}`, msg));
}

/** Throws unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual >= expected) return;
  throw new AssertionError(suffixed(`Expected ${inspect(actual)} >= ${inspect(expected)}`, msg));
}

/** Throws unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(suffixed(`Expected ${inspect(actual)} < ${inspect(expected)}`, msg));
}

/** Throws unless `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual <= expected) return;
  throw new AssertionError(suffixed(`Expected ${inspect(actual)} <= ${inspect(expected)}`, msg));
}

/** Throws when `actual` is `null` or `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(suffixed(`Expected actual: ${actual} to not be null or undefined`, msg));
}

/** Throws unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    suffixed(`Expected actual: ${inspect(actual)} to contain: ${inspect(expected)}`, msg),
  );
}

/** Throws unless `actual` matches the regular expression. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(suffixed(`Expected actual: ${inspect(actual)} to match: ${expected}`, msg));
}

/** Throws unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const found = actual instanceof Object ? actual.constructor?.name : inspect(actual);
  throw new AssertionError(suffixed(`Expected an instance of ${expectedType.name} but was ${found}`, msg));
}

function checkError<E extends Error>(
  error: unknown,
  ErrorClass?: ErrorConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): void {
  if (!ErrorClass) return;
  if (!(error instanceof Error)) {
    throw new AssertionError(suffixed(`Expected an Error object but was ${inspect(error)}`, msg));
  }
  if (!(error instanceof ErrorClass)) {
    throw new AssertionError(
      suffixed(
        `Expected error to be instance of ${ErrorClass.name}, but was ${error.constructor.name}: ${error.message}`,
        msg,
      ),
    );
  }
  if (msgIncludes && !error.message.includes(msgIncludes)) {
    throw new AssertionError(
      suffixed(
        `Expected error message to include ${inspect(msgIncludes)}, but got ${inspect(error.message)}`,
        msg,
      ),
    );
  }
}

/** Calls `fn` and returns what it throws; throws when it does not. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Calls `fn` and returns the `ErrorClass` it throws; throws when it does not, or throws something else. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: ErrorConstructorOf<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const ErrorClass = typeof classOrMsg === "string" ? undefined : classOrMsg;
  const note = typeof classOrMsg === "string" ? classOrMsg : msg;
  try {
    fn();
  } catch (error) {
    checkError(error, ErrorClass, msgIncludes, note);
    return error;
  }
  throw new AssertionError(suffixed("Expected function to throw", note));
}

/** Calls `fn` and returns what its promise rejects with; throws when it does not. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Calls `fn` and returns the `ErrorClass` that its promise rejects with; throws when it does not. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorConstructorOf<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const ErrorClass = typeof classOrMsg === "string" ? undefined : classOrMsg;
  const note = typeof classOrMsg === "string" ? classOrMsg : msg;
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch {
    promise = undefined; // thrown at the call, so no promise was there to reject
  }
  if (typeof promise?.then !== "function") {
    throw new AssertionError(suffixed("Function throws when expected to reject", note));
  }
  try {
    await promise;
  } catch (error) {
    checkError(error, ErrorClass, msgIncludes, note);
    return error;
  }
  throw new AssertionError(suffixed("Expected function to reject", note));
}
