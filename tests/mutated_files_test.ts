// Files that lie, 20,000 of them; tests/long/mutated_files.ts reads a million.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FORMATS, readMutated } from "./support/mutated_files.ts";
import { mutated } from "./support/mutations.ts";

const FILES = 20_000;

for (const format of FORMATS) {
  const count = Math.floor(FILES / FORMATS.length);
  Deno.test(`${count} mutated files of ${format.name} are read, or refused in words of ours`, async () => {
    const { read, refused } = await readMutated(format, 0, count);
    assertEquals(read + refused, count);
    assert(read > count / 100 && refused > count / 10, `${read} were read, ${refused} refused`);
  });
}

Deno.test("the files that the others are made of are read", async () => {
  for (const { name, seeds, read, inside } of FORMATS) {
    const files = [...seeds, ...(inside?.seeds ?? []).map((seed) => inside!.wrap(seed))];
    for (const [k, file] of files.entries()) {
      await assertReads(() => read(file.slice() as Uint8Array<ArrayBuffer>), `${name} ${k}`);
    }
  }
});

async function assertReads(read: () => unknown, name: string): Promise<void> {
  try {
    await read();
  } catch (error) {
    throw new Error(`${name} is refused: ${error}`, { cause: error });
  }
}

Deno.test("a number makes the same file in each run, and another makes another", () => {
  const seed = new Uint8Array(100),
    files = Array.from({ length: 1000 }, (_, k) => mutated([seed], k).toHex());
  assertEquals(Array.from({ length: 1000 }, (_, k) => mutated([seed], k).toHex()), files);
  assert(new Set(files).size > 700);
});

Deno.test("readMutated() tells the file at which an error of another kind came", async () => {
  const name = "nothing", seeds = [new Uint8Array(9)];
  const read = (fail: () => never) => readMutated({ name, seeds, read: fail }, 7, 8);
  const type = () => {
    throw new TypeError("Cannot read properties of undefined (reading 'x')");
  };
  const long = () => {
    throw new SyntaxError(`Cannot read it as it must be short: ${"x".repeat(1000)}`);
  };
  for (const fail of [type, long]) await assertRejects(() => read(fail), Error, "nothing, file 7 (");
});
