import { assertEquals } from "@std/assert";
import {
  dtypeOf,
  floatFunction,
  type Program,
  programFunctions,
  programNumbers,
  programOf,
  programStatements,
} from "../../../../ops/kernels/wgsl/program.ts";

const TWICE = floatFunction("twice", ["x"], "2.0 * x");
const SHIFT = floatFunction("shift", ["x", "by"], "let y = x + by; return y;");

/** `2 (2 x + p0)`: `twice` is called by two steps. */
const PROGRAM: Program = {
  inputs: ["float32"],
  numbers: ["float32", "int32"],
  steps: [{ fn: TWICE, args: ["i0"] }, { fn: SHIFT, args: ["s0", "p0"] }, { fn: TWICE, args: ["s1"] }],
  outputs: ["s2"],
};

Deno.test("programOf() takes the last arguments as numbers", () => {
  assertEquals(programOf(SHIFT, 1), {
    inputs: ["float32"],
    numbers: ["float32"],
    steps: [{ fn: SHIFT, args: ["i0", "p0"] }],
    outputs: ["s0"],
  });
});

Deno.test("programFunctions() declares each function once, whoever calls it", () => {
  assertEquals(
    programFunctions(PROGRAM, "f"),
    "fn f0_twice(x: f32) -> f32 { return 2.0 * x; }\n" +
      "fn f1_shift(x: f32, by: f32) -> f32 { let y = x + by; return y; }",
  );
});

Deno.test("programFunctions() brings the functions of mathematics that bodies call, and what those call", () => {
  const text = programFunctions(programOf(floatFunction("soft", ["x"], "tanhf(x)")), "f");
  const declared = [...text.matchAll(/fn (\w+)\(/g)].map(([, name]) => name);
  assertEquals(declared.filter((name) => ["tanhf", "expf", "isnanf", "f0_soft"].includes(name)).sort(), [
    "expf",
    "f0_soft",
    "isnanf",
    "tanhf",
  ]);
});

Deno.test("programStatements() names values as it is told, and gives each its type", () => {
  const text = programStatements(PROGRAM, "f", (ref) => (ref[0] === "p" ? `u.${ref}` : `${ref}_1`));
  assertEquals(
    text,
    "let s0_1: f32 = f0_twice(i0_1);\n" +
      "let s1_1: f32 = f1_shift(s0_1, u.p0);\n" +
      "let s2_1: f32 = f0_twice(s1_1);",
  );
});

Deno.test("dtypeOf() and programNumbers() know the types of all values", () => {
  assertEquals(["i0", "p0", "p1", "s2", "n"].map((ref) => dtypeOf(PROGRAM, ref)), [
    "float32",
    "float32",
    "int32",
    "float32",
    "int32",
  ]);
  assertEquals(programNumbers(PROGRAM, "ep"), [{ name: "ep0", type: "f32" }, { name: "ep1", type: "i32" }]);
});
