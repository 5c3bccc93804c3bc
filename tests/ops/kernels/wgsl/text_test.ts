import { assertEquals } from "@std/assert";
import {
  all,
  components,
  inVectors,
  range,
  read,
  u32s,
  vector,
  vectorOf,
  write,
} from "../../../../ops/kernels/wgsl/text.ts";

Deno.test("range() counts up to its end, which is left out, by ones or by more", () => {
  assertEquals(range(3), [0, 1, 2]);
  assertEquals(range(0), []);
  assertEquals(range(8, 4), [0, 4]);
  assertEquals(range(9, 4), [0, 4, 8]);
});

Deno.test("one lane is a scalar, more are a vector", () => {
  assertEquals([vectorOf("f32", 1), vectorOf("u32", 2), vectorOf("f32", 4)], [
    "f32",
    "vec2<u32>",
    "vec4<f32>",
  ]);
  assertEquals(vector("f32", ["a"]), "a");
  assertEquals(vector("i32", ["a", "b", "c", "d"]), "vec4<i32>(a, b, c, d)");
  assertEquals(components("v", 1), ["v"]);
  assertEquals(components("v", 4), ["v[0]", "v[1]", "v[2]", "v[3]"]);
});

Deno.test("inVectors() divides the whole index", () => {
  assertEquals(inVectors("i + 4u", 1), "i + 4u");
  assertEquals(inVectors("i + 4u", 4), "(i + 4u) / 4u");
});

Deno.test("read(), write() and u32s() declare bindings and numbers", () => {
  assertEquals(read("x", "f32"), { name: "x", type: "f32", access: "read" });
  assertEquals(write("y", "vec4<f32>"), { name: "y", type: "vec4<f32>", access: "read_write" });
  assertEquals(u32s("n", "m"), [{ name: "n", type: "u32" }, { name: "m", type: "u32" }]);
});

Deno.test("all() joins conditions without a branch", () => {
  assertEquals([all(), all("a < b"), all("a < b", "c")], ["", "a < b", "(a < b) & (c)"]);
});
