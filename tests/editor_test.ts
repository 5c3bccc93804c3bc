// What an editor shows of tensors: documentation and one signature of each method, and nothing that is the library's own.
import { assert, assertEquals } from "@std/assert";
import * as operations from "../ops/mod.ts";
import { withEditor } from "./support/editor.ts";
import { ROOT } from "./support/subprocess.ts";

/** Operations of two signatures, whose documentation editors take from neither. */
const OVERLOADED = ["adaptiveMaxPool2d", "max", "maxPool2d", "median", "min"];
const INTERNAL = [
  "addGrad",
  "alias",
  "attach",
  "filledLike",
  "hooks",
  "isMadeIn",
  "learning",
  "node",
  "origin",
  "storage",
];

Deno.test("an editor shows each method's documentation and one signature, and no internals", async () => {
  const names = Object.keys(operations);
  const uses = names.map((name) => `t.${name};`).join("\n");
  const text = `import type { Tensor } from "@plunge/plunge";\ndeclare const t: Tensor;\n${uses}\nt.`;
  await withEditor(text, async ({ hover, completions }) => {
    const bare: string[] = [];
    for (const name of names) {
      const shown = await hover(`\nt.${name}`);
      const isDocumented = OVERLOADED.includes(name) ||
        (shown.includes("*@returns*") && !shown.includes("overload"));
      if (!shown.includes(`(property) ${name}: `) || !isDocumented) bare.push(`${name}: ${shown}`);
    }
    assertEquals(bare, []);
    assert(
      (await hover("\nt.sum")).includes("Adds the elements of `x` up over some dimensions, or over all."),
    );
    const offered = await completions(`${uses}\nt.`);
    assertEquals(names.filter((name) => !offered.includes(name)), []);
    assertEquals(offered.filter((name) => INTERNAL.includes(name)), []);
  });
});

Deno.test("deno doc lists no internals of tensors", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--filter", "Tensor", "mod.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text.includes("requiresGrad"));
  assertEquals(INTERNAL.filter((name) => new RegExp(`^  (get |readonly )?${name}\\(?`, "m").test(text)), []);
});
