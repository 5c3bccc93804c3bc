import { assert, assertEquals, assertFalse, assertRejects, assertStringIncludes } from "@std/assert";
import { isRefusal, refusal, refusing } from "../../../examples/terminal/refusal.ts";
import { runScript } from "../../support/subprocess.ts";

const at = (path: string) => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);

Deno.test("refusing() marks what the library refuses, and none of JavaScript's own errors", async () => {
  const ours = new RangeError("Cannot load MNIST as labels must be below 10: there is 11");
  assert(isRefusal(await assertRejects(() => refusing(() => Promise.reject(ours)))));
  const inside = new RangeError(
    "in 2.conv1 (Conv2d): Cannot apply conv2d as x must have 4 channels: it has 2",
  );
  assert(isRefusal(await assertRejects(() => refusing(() => Promise.reject(inside)))));
  const actions = [
    () => (undefined as unknown as { x: number }).x,
    () => (null as unknown as { a: { b: number } }).a.b,
    () => Object.defineProperty(Object.freeze({}), "x", {}),
    () => {
      const { a } = undefined as unknown as { a: number };
      return a;
    },
    () => BigInt(1) as unknown as number + 1,
    () => {
      throw new Error("Cannot do this");
    },
  ];
  for (const action of actions) {
    const error = await assertRejects(() => refusing(action), Error);
    assertFalse(isRefusal(error), error.message);
  }
  assert(isRefusal(refusal(new Error("any"))));
  assertFalse(isRefusal("Cannot do it as it must be: no"));
});

Deno.test("a script shows a refusal as one line, and a bug with its stack", async () => {
  const source = (body: string) => `
import { runScript } from ${at("examples/terminal/run_script.ts")};
import { refusal } from ${at("examples/terminal/refusal.ts")};
await runScript(async () => { ${body} });
`;
  const refused = await runScript(source('throw refusal(new Error("Cannot go on as\\n it must be: no"));'), {
    args: ["-A"],
  });
  assertEquals([refused.code, refused.stdout, refused.stderr], [
    1,
    "",
    "error: Cannot go on as it must be: no\n",
  ]);
  for (
    const body of ["const a: any = undefined; a.b;", 'throw new RangeError("Cannot use x as y must be: z");']
  ) {
    const bug = await runScript(source(body), { args: ["-A"] });
    assertEquals(bug.code, 1);
    assertStringIncludes(bug.stderr, "Cannot ");
    assertStringIncludes(bug.stderr, "script.ts:4:", "the place in the script");
  }
});
