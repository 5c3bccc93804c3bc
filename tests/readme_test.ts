// The README's first program, as it stands there but for its address.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeSafetensors, openDevice } from "../mod.ts";
import { ROOT, runScript } from "./support/subprocess.ts";

await openDevice();

Deno.test("the README's ten lines train, print and save", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const [, program] = readme.match(/## Ten lines\n\n```ts ignore\n([^]*?)```/)!;
  const [, said] = readme.match(/It prints `3 (.+?)` at its end/)!;
  const source = program.replaceAll("https://example.com/plunge/", new URL("../", import.meta.url).href);
  const cwd = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await runScript(source, { args: ["-A", "--check", "--quiet"], cwd });
    assertEquals([code, stderr], [0, ""]);
    const lines = stdout.trimEnd().split("\n");
    assertEquals(lines.map((line) => line.slice(0, 2)), ["1 ", "2 ", "3 "]);
    assertMatch(lines[2], /^3 \d\.\d{3} \d\.\d{3}$/);
    const [loss, accuracy] = lines[2].slice(2).split(" ").map(Number), claimed = said.split(" ").map(Number);
    assert(Math.abs(loss - claimed[0]) < 0.02 && Math.abs(accuracy - claimed[1]) < 0.03, lines[2]);
    const saved = decodeSafetensors(await Deno.readFile(`${cwd}/net.safetensors`));
    assertEquals(Object.entries(saved).map(([name, t]) => [name, t.shape]), [
      ["1.weight", [10, 784]],
      ["1.bias", [10]],
    ]);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
