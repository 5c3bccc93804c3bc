import { assertEquals } from "@std/assert";
import { openDevice, tensor } from "../../../../mod.ts";
import { putSlice, sliceAlong, takeSlice, writeSlice } from "../../../../ops/core/families/movement.ts";

await openDevice();

Deno.test("takeSlice() and putSlice() walk with any start and step", async () => {
  const x = tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]);
  const slice = { start: [2, 1], step: [-2, 2], shape: [2, 2] };
  const taken = takeSlice("slice", x, slice);
  assertEquals(await taken.toArray(), [[10, 12], [2, 4]]);
  assertEquals(await putSlice("slice", taken, [3, 4], slice, -1).toArray(), [
    [-1, 2, -1, 4],
    [-1, -1, -1, -1],
    [-1, 10, -1, 12],
  ]);
});

Deno.test("writeSlice() leaves what lies beside the slice alone", async () => {
  for (let n = 1; n <= 9; n++) {
    for (const start of [0, 1, 4]) {
      const x = tensor(new Float32Array(n).fill(7)), y = tensor(new Float32Array(14).fill(1));
      writeSlice("slice", x, y, sliceAlong([14], 0, start, n));
      assertEquals(await y.data(), new Float32Array(14).fill(1).fill(7, start, start + n));
    }
  }
});
