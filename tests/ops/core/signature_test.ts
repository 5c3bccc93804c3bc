import { assertEquals, assertThrows } from "@std/assert";
import { openDevice, tensor } from "../../../mod.ts";
import { signature } from "../../../ops/core/signature.ts";
import { FLOAT_TENSOR, TENSOR, tensorOf } from "../../../ops/core/tensor/kinds.ts";
import { describe } from "../../../ops/core/describe.ts";
import {
  BOOLEAN,
  BYTES,
  DIMS,
  either,
  FINITE,
  FUNCTION,
  having,
  instanceOf,
  ITERABLE,
  type Kind,
  listOf,
  nullable,
  NUMBER,
  numberFrom,
  oneOf,
  optional,
  recordOf,
  required,
  SEED,
  SHAPE,
  TEXT,
  whole,
  wholeOrTwo,
} from "../../../ops/core/kinds.ts";
import { closest } from "../../../ops/core/option_names.ts";

await openDevice();

interface Options {
  dim?: number | number[];
  keepdim?: boolean;
}

const takes = signature<Options>("apply f", { x: TENSOR, k: optional(whole(0)) }, {
  dim: DIMS,
  keepdim: BOOLEAN,
});

/** Calls `takes` as an exported function does, with whatever arguments. */
function f(..._given: unknown[]): Options {
  return takes(arguments);
}

function refused(fn: () => unknown, type: typeof TypeError | typeof RangeError, message: string): void {
  assertEquals(assertThrows(fn, type).message, message);
}

Deno.test("a signature returns the options, or an object without any", () => {
  const x = tensor([1]);
  assertEquals(f(x), {});
  assertEquals(f(x, 3, undefined), {});
  assertEquals(f(x, undefined, { dim: [0, -1], keepdim: undefined }), { dim: [0, -1], keepdim: undefined });
  assertEquals(f(x, 0, Object.assign(Object.create(null), { dim: 1 })).dim, 1);
});

Deno.test("a signature refuses an argument of another kind, by name", () => {
  const x = tensor([1]);
  refused(() => f(), TypeError, "Cannot apply f as x must be a tensor: undefined");
  refused(() => f([1, 2]), TypeError, "Cannot apply f as x must be a tensor: [1, 2]");
  refused(() => f(x, "3"), TypeError, 'Cannot apply f as k must be a whole number from 0 up: "3"');
  refused(() => f(x, -1), RangeError, "Cannot apply f as k must be a whole number from 0 up: -1");
  refused(() => f(x, 1.5), RangeError, "Cannot apply f as k must be a whole number from 0 up: 1.5");
  refused(() => f(x, NaN), RangeError, "Cannot apply f as k must be a whole number from 0 up: NaN");
});

Deno.test("a signature refuses what is no object of options, and says how to write one", () => {
  const x = tensor([1]),
    as = (value: string) => `Cannot apply f as its options must be an object such as { dim: 1 }: ${value}`;
  refused(() => f(x, 0, 1), TypeError, as("1"));
  refused(() => f(x, 0, null), TypeError, as("null"));
  refused(() => f(x, 0, [1]), TypeError, as("[1]").replace("dim: 1", "dim: [1]"));
  refused(() => f(x, 0, x), TypeError, as("a Tensor"));
  refused(() => f(x, 0, new Map()), TypeError, as("a Map"));
  refused(() => f(x, 0, true), TypeError, as("true").replace("dim: 1", "keepdim: true"));
});

Deno.test("a signature refuses options that there are not, and names the one that was meant", () => {
  const x = tensor([1]),
    as = (hint: string) => `Cannot apply f as it must have the options that are given: ${hint}`;
  refused(() => f(x, 0, { keepDim: true }), TypeError, as("keepDim (did you mean keepdim)"));
  refused(() => f(x, 0, { keep_dim: true }), TypeError, as("keep_dim (did you mean keepdim)"));
  refused(() => f(x, 0, { dims: 1 }), TypeError, as("dims (did you mean dim)"));
  refused(() => f(x, 0, { axis: 1 }), TypeError, as("axis (did you mean dim)"));
  refused(() => f(x, 0, { padding: 1 }), TypeError, as("padding (it has dim, keepdim)"));
});

Deno.test("a signature refuses options of another kind", () => {
  const x = tensor([1]);
  refused(() => f(x, 0, { keepdim: 1 }), TypeError, "Cannot apply f as keepdim must be true or false: 1");
  refused(
    () => f(x, 0, { dim: ["0"] }),
    TypeError,
    'Cannot apply f as dim must be a whole number or an array of whole numbers: ["0"]',
  );
  refused(
    () => f(x, 0, { dim: 0.5 }),
    RangeError,
    "Cannot apply f as dim must be a whole number or an array of whole numbers: 0.5",
  );
});

Deno.test("a signature refuses more arguments than it takes", () => {
  const x = tensor([1]), plain = signature("apply g", { x: TENSOR });
  refused(
    () => f(x, 0, {}, true),
    TypeError,
    "Cannot apply f as it takes x, k, an object of options: 4 arguments were given",
  );
  refused(() => plain([x, true]), TypeError, "Cannot apply g as it takes x: 2 arguments were given");
});

Deno.test("a signature of one input may be given to map()", () => {
  const plain = signature("apply g", { x: TENSOR });
  function g(_x: unknown): unknown {
    return plain(arguments);
  }
  assertEquals([tensor([1]), tensor([2])].map(g), [{}, {}]);
  refused(
    () => plain([tensor([1]), 0, []]),
    TypeError,
    "Cannot apply g as it takes x: 3 arguments were given",
  );
});

Deno.test("a signature asks for options that must be given", () => {
  const needs = signature<{ p?: number; size: number }>("apply h", {}, {
    p: NUMBER,
    size: required(whole(1)),
  });
  refused(
    () => needs([]),
    TypeError,
    "Cannot apply h as its options must be an object such as { size: 1 }: undefined",
  );
  refused(
    () => needs([{ p: 2 }]),
    TypeError,
    "Cannot apply h as size must be a whole number from 1 up: undefined",
  );
  assertEquals(needs([{ size: 2 }]), { size: 2 });
});

Deno.test("kinds accept what they name and nothing else", () => {
  const hole = new Array(1), x = tensor([1]), labels = tensor([1], { dtype: "int32" });
  const cases: [Kind, unknown[], unknown[]][] = [
    [NUMBER, [0, NaN, Infinity], ["1", null, 1n, x]],
    [FINITE, [0, -1.5], [NaN, Infinity, "1"]],
    [numberFrom(0), [0, 1, Infinity], [-1, NaN, "1"]],
    [numberFrom(0, 1), [0, 0.5, 1], [1.5, NaN, null]],
    [whole(0, 3), [0, 3], [4, -1, 0.5]],
    [SEED, [0, 2 ** 53 - 1], [2 ** 53, -1]],
    [wholeOrTwo(1), [1, [2, 3]], [0, [1], [1, 0], [1, 2, 3], "2"]],
    [recordOf(NUMBER, "numbers"), [{}, { a: 1 }], [{ a: "1" }, [1], new Map(), null]],
    [instanceOf(Map, "a map", "map"), [new Map()], [{}, null]],
    [having("a stepper", "stepper", "step"), [{ step() {} }], [{}, { step: 1 }, null, () => {}]],
    [ITERABLE, [[], new Set(), new Map()], ["abc", {}, null]],
    [BYTES, [new Uint8Array(1)], [[1], new ArrayBuffer(1)]],
    [BOOLEAN, [true, false], [0, "true", undefined]],
    [FUNCTION, [() => 1, async () => {}], [{}, "f", class {}, Map]],
    [TEXT, ["", "a"], [1, null]],
    [oneOf("mean", "sum"), ["mean"], ["max", 1, undefined]],
    [SHAPE, [[], [2, 0]], [[-1], [1.5], hole, "2", 2, new Int32Array([2]), [NaN]]],
    [listOf(whole(), "whole numbers", 2), [[1, -2]], [[1], [1, 2, 3]]],
    [nullable(NUMBER), [null, 1], [undefined]],
    [either(TENSOR, NUMBER), [x, 1], [true, [1]]],
    [TENSOR, [x, labels], [null, 1, {}]],
    [FLOAT_TENSOR, [x], [labels, 1]],
    [tensorOf("int32", "bool"), [labels], [x]],
  ];
  for (const [kind, right, wrong] of cases) {
    assertEquals(right.map((v) => kind.objection(v)), right.map(() => null));
    assertEquals(wrong.filter((v) => kind.objection(v) === null), []);
  }
});

Deno.test("a tensor of another type is refused with its type", () => {
  const g = signature("apply g", { x: FLOAT_TENSOR });
  refused(
    () => g([tensor([1], { dtype: "int32" })]),
    TypeError,
    "Cannot apply g as x must be float32: it is int32",
  );
});

Deno.test("describe() shows any value in a few words, and never throws", () => {
  const no = () => {
    throw new Error("no");
  };
  const trap = new Proxy({}, { get: no, getPrototypeOf: no });
  const values = [1, -0, "a", 2n, Symbol("s"), null, undefined, [1, [2]], { a: 1 }, new Map(), () => 1, trap];
  assertEquals(values.map(describe), [
    "1",
    "-0",
    '"a"',
    "2n",
    "Symbol(s)",
    "null",
    "undefined",
    "[1, […]]",
    "{ a }",
    "a Map",
    "a function",
    "an object that cannot be shown",
  ]);
  assertEquals(describe("x".repeat(1000)).length, 61);
  assertEquals(describe(new Array(1e6).fill(1)), "[1, 1, 1, 1, 1, 1, 1, 1, …]");
});

Deno.test("closest() finds a name by its letters, or none", () => {
  const known = ["padding", "stride", "weightDecay", "lr"];
  assertEquals(closest("pading", known), "padding");
  assertEquals(closest("weight_decay", known), "weightDecay");
  assertEquals(closest("strides", known), "stride");
  assertEquals(closest("learningRate", known), "lr");
  assertEquals(closest("constructor", known), undefined);
  assertEquals(closest("x", known), undefined);
});
