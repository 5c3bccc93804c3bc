import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";

/** Runs what should fail, without the functions under test. */
function failure(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("Nothing was thrown");
}

/** Runs what should reject, without the functions under test. */
async function rejection(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => {
      throw new Error("Nothing was rejected");
    },
    (error) => {
      if (error instanceof AssertionError) return error.message;
      throw error;
    },
  );
}

const EQUAL: [unknown, unknown][] = [
  [1, 1],
  [0, -0],
  [NaN, NaN],
  [new Float32Array([0, NaN, 1]), new Float32Array([-0, NaN, 1])],
  [[1, [2, { a: 3 }]], [1, [2, { a: 3 }]]],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }],
  [new Map([["a", [1]]]), new Map([["a", [1]]])],
  [new Set([1, 2]), new Set([2, 1])],
  [undefined, undefined],
];

const UNEQUAL: [unknown, unknown][] = [
  [1, 2],
  [1, "1"],
  [null, undefined],
  [[1, 2], [1, 2, 3]],
  [[1], { 0: 1 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [new Float32Array([1]), new Int32Array([1])],
  [new Float32Array([1]), [1]],
  [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  [new Map([["a", [1]]]), new Map([["a", [2]]])],
  [new Set([1]), new Set([2])],
  ["a", new String("a")],
];

Deno.test("assertEquals() and assertNotEquals() agree on what is equal", () => {
  for (const [a, b] of EQUAL) {
    assertEquals(a, b);
    assert(failure(() => assertNotEquals(a, b)).length > 0);
  }
  for (const [a, b] of UNEQUAL) {
    assertNotEquals(a, b);
    assert(failure(() => assertEquals(a, b)).length > 0);
  }
});

Deno.test("assertEquals() names the note and both values", () => {
  const message = failure(() => assertEquals([1, 23], [1, 45], "the note"));
  for (const part of ["Values are not equal", "the note", "23", "45"]) {
    assert(message.includes(part), message);
  }
});

Deno.test("assertStrictEquals() tells 0 from -0 and equal arrays apart", () => {
  assertStrictEquals(NaN, NaN);
  failure(() => assertStrictEquals(0, -0));
  failure(() => assertStrictEquals([1] as unknown, [1]));
});

Deno.test("assert(), assertFalse() and fail() look at truth alone", () => {
  assert("a");
  assertFalse("");
  failure(() => assert(0));
  failure(() => assertFalse(1));
  assert(failure(() => fail("because")).includes("because"));
});

Deno.test("assertAlmostEquals() holds to its tolerance", () => {
  assertAlmostEquals(1, 1 + 1e-8);
  assertAlmostEquals(NaN, NaN);
  assertAlmostEquals(Infinity, Infinity);
  assertAlmostEquals(-2, -2.05, 0.06);
  failure(() => assertAlmostEquals(1, 1 + 1e-6));
  failure(() => assertAlmostEquals(-2, -2.05, 0.04));
  failure(() => assertAlmostEquals(NaN, 1, 10));
  failure(() => assertAlmostEquals(1, NaN, 10));
  failure(() => assertAlmostEquals(Infinity, 1, 10));
});

Deno.test("the four comparisons hold at their borders", () => {
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess(1, 2);
  assertLessOrEqual(2, 2);
  failure(() => assertGreater(2, 2));
  failure(() => assertGreaterOrEqual(1, 2));
  failure(() => assertLess(2, 2));
  failure(() => assertLessOrEqual(3, 2));
  failure(() => assertGreater(NaN, 2));
  failure(() => assertLess(NaN, 2));
});

Deno.test("assertExists(), assertInstanceOf(), assertMatch() and assertStringIncludes() refuse what they should", () => {
  assertExists(0);
  assertInstanceOf(new RangeError("a"), Error);
  assertMatch("abc", /b/);
  assertStringIncludes("abc", "bc");
  failure(() => assertExists(null));
  failure(() => assertExists(undefined));
  failure(() => assertInstanceOf(new Error("a"), RangeError));
  failure(() => assertInstanceOf(null, RangeError));
  failure(() => assertMatch("abc", /d/));
  failure(() => assertStringIncludes("abc", "cb"));
});

Deno.test("assertThrows() returns the error and checks its class and message", () => {
  const error = new RangeError("shape [2, 3]");
  const thrower = () => {
    throw error;
  };
  assertStrictEquals(assertThrows(thrower), error);
  assertStrictEquals(assertThrows(thrower, RangeError, "[2, 3]").message, "shape [2, 3]");
  failure(() => assertThrows(() => 1));
  failure(() => assertThrows(thrower, TypeError));
  failure(() => assertThrows(thrower, RangeError, "[3, 2]"));
  failure(() =>
    assertThrows(() => {
      throw "text";
    }, Error)
  );
  assert(failure(() => assertThrows(() => 1, "the note")).includes("the note"));
  assert(failure(() => assertThrows(thrower, TypeError, "", "the note")).includes("the note"));
});

Deno.test("assertRejects() returns the error and checks its class and message", async () => {
  const error = new RangeError("shape [2, 3]");
  const rejecter = () => Promise.reject(error);
  assertStrictEquals(await assertRejects(rejecter), error);
  assertStrictEquals((await assertRejects(rejecter, RangeError, "[2, 3]")).message, "shape [2, 3]");
  await rejection(assertRejects(() => Promise.resolve(1)));
  await rejection(assertRejects(rejecter, TypeError));
  await rejection(assertRejects(rejecter, RangeError, "[3, 2]"));
  await rejection(assertRejects(() => {
    throw error;
  }));
  const message = await rejection(assertRejects(() => Promise.resolve(1), "the note"));
  assert(message.includes("the note"));
});
