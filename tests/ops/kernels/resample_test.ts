import { assertEquals } from "@std/assert";
import { openDevice } from "../../../mod.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../ops/kernels/adapter.ts";
import { axisTable, resample, type TapTable, turnedRound } from "../../../ops/kernels/resample.ts";

const device = await openDevice();

/** Three outputs of four inputs: one taken as it is, a mean of two, and nothing. */
const AXIS: TapTable = [
  [{ place: 3, weight: 1 }],
  [{ place: 0, weight: 0.5 }, { place: 2, weight: 0.5 }],
  [],
];

Deno.test("axisTable() says where each output's taps begin, then places and weights in turn", () => {
  const words = axisTable(AXIS), weights = new Float32Array(words.buffer);
  assertEquals([...words.subarray(0, 4)], [4, 6, 10, 10]);
  assertEquals([words[4], words[6], words[8]], [3, 0, 2]);
  assertEquals([weights[5], weights[7], weights[9]], [1, 0.5, 0.5]);
});

Deno.test("turnedRound() gives each input the outputs that take it", () => {
  assertEquals(turnedRound(AXIS, 4), [
    [{ place: 1, weight: 0.5 }],
    [],
    [{ place: 1, weight: 0.5 }],
    [{ place: 0, weight: 1 }],
  ]);
});

function upload(data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Storage {
  const storage = new Storage(device, data.byteLength);
  device.queue.upload(storage, data);
  return storage;
}

Deno.test("resample() weighs rows and columns of every plane, and keeps the bits of what is taken as it is", async () => {
  const columns: TapTable = [[{ place: 1, weight: 1 }], [{ place: 0, weight: 0.25 }, {
    place: 1,
    weight: 0.75,
  }]];
  const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, -0, /* the second plane */ 8, 4, 0, 0, 4, 8, 2, -6);
  const wanted = [-0, 1.75, 4, 3.75, 0, 0, -6, -4, 6, 6, 0, 0];
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    const y = upload(new Float32Array(12).fill(NaN));
    const { dispatches } = resample({
      name: "test",
      x: upload(x),
      y,
      rows: upload(axisTable(AXIS)),
      columns: upload(axisTable(columns)),
      planes: 2,
      from: [4, 2],
      to: [3, 2],
    }, adapter);
    for (const dispatch of dispatches) device.queue.run(dispatch);
    const got = [...new Float32Array(await device.queue.read(y, 48))];
    assertEquals(got.map((v) => v + 0), wanted.map((v) => v + 0), adapter.kernels);
    assertEquals(Object.is(got[0], -0), true, "the sign of a zero that is taken as it is");
  }
});
