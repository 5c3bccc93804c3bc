// What autotune keeps in its file, and which files are taken.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { autotune, loadTuning, openDevice, VERSION } from "../../../../mod.ts";
import { saveTuning } from "../../../../ops/core/tuning/tuning_file.ts";
import { tuningOf } from "../../../../ops/kernels/tuning.ts";
import { noiseTensor } from "../../../support/values.ts";

const device = await openDevice(), tuning = tuningOf(device);

Deno.test("a file keeps other adapters' tiles, and gives none of them, nor of another version", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/tuning.json`;
  const mine = { family: "matmul", key: "cpu,a", size: 9, tile: { rows: 4, columns: 4 } };
  tuning.add([mine, { ...mine, size: 3 }]);
  await saveTuning(device, file);
  const content = JSON.parse(await Deno.readTextFile(file));
  assertEquals(content.adapters.length, 1);
  assertEquals(content.adapters[0].version, VERSION);
  assert(content.adapters[0].adapter.startsWith(device.gpu.adapterInfo.description));
  const write = (adapters: unknown[]) =>
    Deno.writeTextFile(file, JSON.stringify({ format: content.format, adapters }));
  const [own] = content.adapters, other = { ...own, adapter: "another" };
  tuning.clear();
  for (
    const [adapters, found] of [[[other], 0], [[{ ...own, version: "0.0.1" }], 0], [[other, own], 2]] as [
      unknown[],
      number,
    ][]
  ) {
    await write(adapters);
    assertEquals([await loadTuning(file), tuning.tiles.length], [found, found]);
  }
  tuning.add([{ ...mine, key: "cpu,b" }]);
  await saveTuning(device, file);
  const saved = JSON.parse(await Deno.readTextFile(file)).adapters;
  assertEquals(saved.map((r: { tiles: unknown[] }) => r.tiles.length), [2, 3]);
  assertEquals(saved[0], other);
  tuning.clear();
  assertEquals(await loadTuning(`${folder}/none.json`), 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a file that autotune did not write is refused by name, and left as it is", async () => {
  const file = await Deno.makeTempFile(), x = noiseTensor([2, 3], { requiresGrad: false });
  const format = "plunge tuning 1", adapter = { adapter: "a", version: "1" };
  const refused: [unknown, string][] = [
    ['{"format":', "Unexpected end of JSON input"],
    [[], `its format is not "${format}"`],
    [{ format: "plunge tuning 0", adapters: [] }, `its format is not "${format}"`],
    [{ format }, "a record of an adapter is not complete"],
    [{ format, adapters: [adapter] }, "a record of an adapter is not complete"],
    [{ format, adapters: [{ ...adapter, tiles: [{ tile: {} }] }] }, "a record of an adapter is not complete"],
  ];
  for (const [content, found] of refused) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await Deno.writeTextFile(file, text);
    const message = `Cannot load tuning from ${file} as autotune must have written it: ${found}`;
    for (const load of [() => loadTuning(file), () => autotune(() => x.relu(), { file, seconds: 0 })]) {
      const error = await assertRejects(load, SyntaxError);
      assertEquals((error as Error).message, message);
    }
    assertEquals(await Deno.readTextFile(file), text);
  }
  await Deno.remove(file);
});

Deno.test("VERSION is that of deno.json", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../../../deno.json", import.meta.url)));
  assertEquals(VERSION, version);
});
