import { assertEquals } from "@std/assert";
import { openDevice } from "../../../../mod.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { gather, type GatherShape, piecesOf } from "../../../../ops/kernels/indexing/gather.ts";

const device = await openDevice();

function upload(data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): Storage {
  const storage = new Storage(device, data.byteLength);
  device.queue.upload(storage, data);
  return storage;
}

/** Whole rows of `width` elements out of a table of five. */
function rowsOf(width: number, items: number): GatherShape {
  const base = { strides: [0], offset: 0 };
  return { items: [items], base, dim: 0, step: 1, limit: 5, width, tableRows: 5, skip: -1 };
}

Deno.test("gather() picks rows, and what lies outside the table is NaN, or 0 of whole numbers", async () => {
  const index = Int32Array.of(4, 0, 5, -1, 2);
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    for (const width of [3, 8]) {
      const n = index.length * width, table = Float32Array.from({ length: 5 * width }, (_, i) => i + 1);
      const wanted = (outside: number) =>
        [...index].flatMap((k) =>
          Array.from({ length: width }, (_, c) => (k >= 0 && k < 5 ? table[k * width + c] : outside))
        );
      const pick = rowsOf(width, index.length), name = "test";
      const floats = upload(new Float32Array(n)), ints = upload(new Int32Array(n).fill(7));
      const works = [
        gather(
          { name, shape: pick, x: upload(table), dtype: "float32", index: upload(index), y: floats },
          adapter,
        ),
        gather(
          {
            name,
            shape: pick,
            x: upload(Int32Array.from(table)),
            dtype: "int32",
            index: upload(index),
            y: ints,
          },
          adapter,
        ),
      ];
      for (const { dispatches } of works) dispatches.forEach((dispatch) => device.queue.run(dispatch));
      assertEquals([...new Float32Array(await device.queue.read(floats, 4 * n))], wanted(NaN));
      assertEquals([...new Int32Array(await device.queue.read(ints, 4 * n))], wanted(0));
    }
  }
});

Deno.test("piecesOf() takes rows by fours where fours fill them", () => {
  const three = piecesOf(rowsOf(3, 1), "f32"), eight = piecesOf(rowsOf(8, 1), "f32");
  assertEquals([three.pieces, three.type], [3, "f32"]);
  assertEquals([eight.pieces, eight.type], [2, "vec4<f32>"]);
});
