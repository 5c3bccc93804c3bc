// The texts of the kernels' own tests, which run both sets of kernels, under Chromium's compiler.
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { collectTexts, compileByTint } from "../runtimes/tint.ts";

Deno.test("every text of the tests of kernels compiles under Tint, without a warning", async () => {
  const texts = await collectTexts(["tests/ops/kernels"]);
  assertGreater(texts.size, 300);
  assertEquals(await compileByTint(texts), []);
});

Deno.test("Tint refuses a barrier that not all reach, a conversion that is not written, a reserved word", async () => {
  const kernel = (body: string) =>
    `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) {
${body}
}`;
  const wrong = {
    "if (y[i] > 1u) { return; }\nworkgroupBarrier();":
      "workgroupBarrier' must only be called from uniform control flow",
    "let a: f32 = i;": "cannot",
    "let precise = 1;": "reserved",
  };
  for (const [body, message] of Object.entries(wrong)) {
    const said = await compileByTint(new Map([[kernel(body), "wrong"]]));
    assertStringIncludes(said.join(), message);
  }
});
