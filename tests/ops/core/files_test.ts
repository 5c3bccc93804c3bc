import { assert, assertEquals, assertRejects } from "@std/assert";
import { parentOf, writeWhole } from "../../../ops/core/files.ts";
import { listing, tempFolder } from "../../data/_fixtures.ts";

const bytes = (value: number) => new Uint8Array(100_000).fill(value);

Deno.test("writeWhole() makes the folder, replaces what is there, and leaves nothing else", async () => {
  await using temp = await tempFolder();
  const folder = `${temp.path}/a/b`;
  for (const value of [1, 2]) {
    assertEquals(await writeWhole(folder, "file", bytes(value)), `${folder}/file`);
    assertEquals(await Deno.readFile(`${folder}/file`), bytes(value));
  }
  assertEquals(listing(folder), ["file"]);
});

Deno.test("writeWhole() leaves nothing behind where it fails", async () => {
  await using temp = await tempFolder();
  await Deno.mkdir(`${temp.path}/taken/inside`, { recursive: true }); // so that nothing can be renamed to it
  await assertRejects(() => writeWhole(temp.path, "taken", bytes(1)));
  assertEquals(listing(temp.path), ["taken/", "taken/inside/"]);
});

Deno.test("writeWhole() lets any number of writers of one file succeed, and one of them have it whole", async () => {
  await using temp = await tempFolder();
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  await Promise.all(values.map((value) => writeWhole(temp.path, "file", bytes(value))));
  const found = await Deno.readFile(`${temp.path}/file`);
  assert(values.includes(found[0]));
  assertEquals(found, bytes(found[0]));
  assertEquals(listing(temp.path), ["file"]);
});

Deno.test("parentOf() gives the folder of a path with either slash", () => {
  assertEquals(["a/b/c", "a\\b", "c", "/c"].map(parentOf), ["a/b", "a", ".", "/"]);
});
