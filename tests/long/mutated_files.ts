// A million files that lie, and one of 3 MB that becomes 3 GiB.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzip, parseIdx } from "../../mod.ts";
import { gunzipSync } from "../../data/formats/gunzip.ts";
import { gzip, idxBytes } from "../data/_fixtures.ts";
import { FORMATS, readMutated } from "../support/mutated_files.ts";

const FILES = 1_000_000;

for (const format of FORMATS) {
  const count = Math.ceil(FILES / FORMATS.length);
  Deno.test(`${count} mutated files of ${format.name} are read, or refused in words of ours`, async () => {
    const start = performance.now(), { read, refused } = await readMutated(format, 0, count);
    assertEquals(read + refused, count);
    const seconds = ((performance.now() - start) / 1000).toFixed(0), { rss } = Deno.memoryUsage();
    console.log(
      `${format.name}: ${read} read, ${refused} refused, ${seconds} s, ${(rss / 1e6).toFixed(0)} MB resident`,
    );
  });
}

Deno.test("3 GiB in 3 MB of gzip are refused at the first gibibyte", async () => {
  const zeros = await gzip(new Uint8Array(2 ** 26)), bomb = new Blob(Array(48).fill(zeros));
  const image = await gzip(idxBytes([2 ** 16, 2 ** 16], [])), before = Deno.memoryUsage().rss;
  const bytes = new Uint8Array(await bomb.arrayBuffer()), lie = new Uint8Array([...image, ...bytes]);
  for (const read of [() => gunzip(bytes), () => gunzipSync(bytes), () => parseIdx(lie)]) {
    const start = performance.now();
    await assertRejects(async () => await read(), RangeError, "must become at most 1073741824");
    const seconds = ((performance.now() - start) / 1000).toFixed(1), { rss } = Deno.memoryUsage();
    console.log(`${bytes.length} bytes: ${seconds} s, ${((rss - before) / 1e6).toFixed(0)} MB more resident`);
    assert(Number(seconds) < 60);
  }
});
