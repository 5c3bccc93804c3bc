import { assert, assertEquals, assertThrows } from "@std/assert";
import { crc32c, maskedCrc32c } from "../../../examples/tensorboard/crc32c.ts";
import { EVENT_FILES, EventFile, record } from "../../../examples/tensorboard/event_file.ts";
import { histogram, picture, scalar } from "../../../examples/tensorboard/summaries.ts";
import { tempFolder } from "../../data/_fixtures.ts";
import { eventOf, readRecords, readRun, slowCrc32c } from "./_read_events.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("crc32c() is Castagnoli's, by the vectors of RFC 3720 and of the polynomial's catalogue", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  assertEquals(crc32c(bytes("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assertEquals(crc32c(ascending), 0x46dd794e);
  assertEquals(crc32c(ascending.toReversed()), 0x113fdb5c);
  assertEquals(crc32c(new Uint8Array()), 0);
  const some = crypto.getRandomValues(new Uint8Array(257));
  assertEquals(BigInt(crc32c(some)), slowCrc32c(some));
});

Deno.test("maskedCrc32c() turns and adds as LevelDB does", () => {
  // how every file that TensorFlow wrote begins: a record of 24 bytes, and a37f4b22
  assertEquals(maskedCrc32c(new Uint8Array([24, 0, 0, 0, 0, 0, 0, 0])), 0x224b7fa3);
});

Deno.test("what an EventFile writes is read back, on the disk at once", async () => {
  await using folder = await tempFolder();
  using file = EventFile.open(folder.path);
  const png = new Uint8Array([1, 2, 3]);
  file.write(1, [scalar("loss/train", 0.46125), picture("filters", { png, width: 30, height: 20 })]);
  file.write(2, [scalar("loss/train", -1e-30), histogram("weights/0.weight", [0, 1, 2, 3, 3, NaN])!]);
  file.write(300, [scalar("学习率", NaN)]);
  const { summaries, files, torn } = await readRun(folder.path);
  assertEquals([files, torn], [1, 0]);
  assertEquals(summaries[0], { step: 1, tag: "loss/train", scalar: Math.fround(0.46125) });
  assertEquals(summaries[1], { step: 1, tag: "filters", image: { png, width: 30, height: 20 } });
  assertEquals(summaries[2].scalar, Math.fround(-1e-30));
  assertEquals(summaries[3].histogram!.numbers, [0, 3, 5, 9, 23]);
  assertEquals(summaries[4], { step: 300, tag: "学习率", scalar: NaN });
});

Deno.test("histogram() counts every finite number once, in parts whose limits grow", () => {
  const { limits, counts, numbers } = histogramOf(Float32Array.from({ length: 1000 }, (_, i) => i % 97 - 40));
  assertEquals([limits.length, counts.length], [30, 30]);
  assertEquals(counts.reduce((a, b) => a + b, 0), 1000);
  assert(limits.every((limit, i) => i === 0 || limit > limits[i - 1]));
  assertEquals([numbers[0], numbers[1], limits.at(-1)], [-40, 56, 56]);
  assertEquals(histogramOf([7, 7, 7]), { limits: [7], counts: [3], numbers: [7, 7, 3, 21, 147] });
  assertEquals(histogram("x", [NaN, Infinity]), null);
  assertEquals(histogram("x", []), null);
});

function histogramOf(values: ArrayLike<number>) {
  const folder = Deno.makeTempDirSync();
  try {
    using file = EventFile.open(folder);
    file.write(0, [histogram("x", values)!]);
    const [name] = [...Deno.readDirSync(folder)].map(({ name }) => name);
    const { messages } = readRecords(Deno.readFileSync(`${folder}/${name}`));
    return eventOf(messages[1]).summaries[0].histogram!;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("readers leave out a torn record, and see one that is damaged", () => {
  const all = new Uint8Array([...record(bytes("first")), ...record(bytes("second"))]);
  for (let end = 0; end < all.length; end++) {
    const { messages, isTorn } = readRecords(all.subarray(0, end));
    assertEquals([messages.length, isTorn], [end < 21 ? 0 : 1, end !== 0 && end !== 21]);
  }
  for (let at = 0; at < all.length; at++) {
    const damaged = all.slice();
    damaged[at] ^= 16;
    assertThrows(() => readRecords(damaged), Error, "damaged");
  }
});

Deno.test("a later session begins a file of its own, and counts from its start on", async () => {
  await using folder = await tempFolder();
  {
    using file = EventFile.open(folder.path);
    for (const step of [1, 2, 3]) file.write(step, [scalar("loss", step)]);
  }
  const [first] = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assert(EVENT_FILES.test(first), first);
  const path = `${folder.path}/${first}`, torn = await Deno.readFile(path);
  await Deno.writeFile(path, torn.subarray(0, torn.length - 5)); // killed while it wrote
  using file = EventFile.open(folder.path, 3);
  file.write(3, [scalar("loss", 30)]);
  const { summaries, files, torn: count } = await readRun(folder.path);
  assertEquals([files, count], [2, 1]);
  assertEquals(summaries.map(({ step, scalar }) => [step, scalar]), [[1, 1], [2, 2], [3, 30]]);
});
