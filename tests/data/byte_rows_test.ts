import { assertEquals } from "@std/assert";
import { openDevice, tensor } from "../../mod.ts";
import { ByteRows } from "../../data/_byte_rows.ts";

const device = await openDevice();

const indices = (values: number[]) => tensor(values, { dtype: "int32" });

Deno.test("ByteRows.gather() fetches rows as fractions of 255, rounded once", async () => {
  const rows = new ByteRows(Uint8Array.from({ length: 256 }, (_, i) => i), [4], "float32");
  const y = rows.gather(indices([63, 0, 63]));
  assertEquals(y.shape, [3, 4]);
  const wanted = [252, 253, 254, 255, 0, 1, 2, 3, 252, 253, 254, 255].map((v) => v / 255);
  assertEquals(await y.data(), Float32Array.from(wanted));
  rows.dispose();
});

Deno.test("ByteRows.gather() fetches labels, and rows of any width", async () => {
  const bytes = Uint8Array.from({ length: 35 }, (_, i) => 7 * i);
  for (const width of [1, 3, 5, 7]) {
    const rows = new ByteRows(bytes.subarray(0, 35 - 35 % width), width === 1 ? [] : [width], "int32");
    const chosen = width === 1 ? [34, 0, 5, 5, 1] : [4, 0, 3];
    const wanted = chosen.flatMap((row) => [...bytes.subarray(row * width, (row + 1) * width)]);
    const y = rows.gather(indices(chosen));
    assertEquals(y.shape, width === 1 ? [5] : [3, width]);
    assertEquals(await y.data(), Int32Array.from(wanted));
    rows.dispose();
  }
});

Deno.test("ByteRows.gather() of no indices is empty", () => {
  const rows = new ByteRows(new Uint8Array(12), [2, 3], "float32");
  assertEquals(rows.gather(indices([])).shape, [0, 2, 3]);
  rows.dispose();
});

Deno.test("ByteRows keeps one byte a value, and gives it back", () => {
  const before = device.memory().bytesInUse;
  const rows = new ByteRows(new Uint8Array(1 << 20), [1024], "float32");
  assertEquals(device.memory().bytesInUse - before, 1 << 20);
  rows.dispose();
  assertEquals(device.memory().bytesInUse, before);
});
