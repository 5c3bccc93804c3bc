import { assertEquals } from "@std/assert";
import { openDevice } from "../../../ops/gpu/device.ts";
import {
  cheapest,
  type Choice,
  choose,
  sameTile,
  Tuning,
  tuningOf,
  withConstantNumbers,
} from "../../../ops/kernels/tuning.ts";
import { IDENTITY } from "../../../ops/kernels/wgsl/epilogue.ts";

const device = await openDevice();

/** A measured tile of products of some size. */
function measured(size: number, rows: number, key = "k 5") {
  return { family: "matmul", key, size, tile: { rows } };
}

Deno.test("Tuning finds the tile that was measured for the least size that is as large", () => {
  const tuning = new Tuning(), choice = (size: number) => ({ family: "matmul", key: "k 5", size });
  tuning.add([measured(40, 4), measured(8, 1), measured(8, 9, "k 6")]);
  assertEquals([3, 8, 9, 40].map((size) => tuning.find(choice(size))?.tile), [
    { rows: 1 },
    { rows: 1 },
    { rows: 4 },
    { rows: 4 },
  ]);
  assertEquals(tuning.find(choice(41)), undefined);
  assertEquals(tuning.find({ ...choice(8), family: "convolution" }), undefined);
  tuning.add([measured(8, 2)]); // in place of the other
  assertEquals(tuning.find(choice(8))?.tile, { rows: 2 });
  assertEquals(tuning.tiles.length, 3);
});

Deno.test("Tuning counts what may change choices", () => {
  const tuning = new Tuning();
  tuning.add([measured(8, 1)]);
  assertEquals(tuning.generation, 1);
  tuning.clear();
  assertEquals([tuning.generation, tuning.tiles], [2, []]);
});

Deno.test("choose() takes the measured tile where it is allowed, else the estimate, and tells the listener", () => {
  const tuning = tuningOf(device), told: object[] = [];
  const choice = {
    ...{ name: "product", device, family: "matmul", key: "a test's", size: 8, estimate: { rows: 2 } },
    allows: ({ rows }) => rows < 10,
  } as Choice<{ rows: number }>;
  tuning.listener = (_, tile) => told.push(tile);
  try {
    assertEquals(choose(choice), { rows: 2 });
    tuning.add([measured(8, 5, "a test's")]);
    assertEquals(choose(choice), { rows: 5 });
    tuning.add([measured(8, 10, "a test's")]);
    assertEquals(choose(choice), { rows: 2 });
  } finally {
    tuning.listener = null;
    tuning.clear();
  }
  assertEquals(told, [{ rows: 2 }, { rows: 5 }, { rows: 2 }]);
});

Deno.test("sameTile() compares all that tiles hold, in any order", () => {
  assertEquals(sameTile({ rows: 1, order: "a" }, { order: "a", rows: 1 }), true);
  assertEquals(sameTile({ rows: 1 }, { rows: 2 }), false);
  assertEquals(sameTile({ rows: 1 }, { rows: 1, cols: 1 }), false);
  assertEquals(sameTile({ rows: 1 }, { cols: 1 }), false);
});

Deno.test("withConstantNumbers() asks for no number", () => {
  const ask = () => {
    throw new Error("a number was asked for");
  };
  assertEquals(withConstantNumbers({ ...IDENTITY, numbers: [3, ask] }).numbers, [3, 1]);
  assertEquals(withConstantNumbers(IDENTITY), IDENTITY);
});

Deno.test("cheapest() ranks tiles, without those that cannot be", () => {
  const costs = [3, Infinity, 1, NaN, 2];
  assertEquals(cheapest(costs, (cost) => cost), [1, 2, 3]);
  const many = Array.from({ length: 100 }, (_, i) => 99 - i);
  assertEquals(cheapest(many, (cost) => cost), Array.from({ length: 24 }, (_, i) => i));
});
