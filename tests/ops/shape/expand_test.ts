import { assertEquals } from "@std/assert";
import { expand, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("expand() repeats dimensions of size 1 and adds some in front", async () => {
  const x = tensor([[1], [2]]);
  assertEquals(await expand(x, [2, 3]).toArray(), [[1, 1, 1], [2, 2, 2]]);
  assertEquals(await expand(x, [2, -1, 2]).toArray(), [[[1, 1], [2, 2]], [[1, 1], [2, 2]]]);
  assertEquals(await expand(x, [-1, -1]).toArray(), [[1], [2]]);
  assertEquals(await expand(tensor(7), [3]).toArray(), [7, 7, 7]);
  assertEquals(await expand(tensor([true]), [2]).toArray(), [true, true]);
  assertEquals(expand(x, [2, 0]).shape, [2, 0]);
  assertEquals(expand(zeros([0, 1]), [3, -1, 4]).shape, [3, 0, 4]);
});

Deno.test("expand() passes gradcheck", async () => {
  const options = { reference: reference.binary([3, 1, 5], [2, 3, 4, 5], (x) => x) };
  const shape = tensor(new Float32Array(120), { shape: [2, 3, 4, 5] });
  await gradcheck((x) => expand(x, [2, 3, 4, 5]), [noiseTensor([3, 1, 5]), shape], options);
});

Deno.test("the gradient of expand() over nothing is 0", async () => {
  const x = tensor([[1], [2]], { requiresGrad: true });
  expand(x, [2, 0]).sum().backward();
  assertEquals(await x.grad!.toArray(), [[0], [0]]);
});

Deno.test("expand() refuses to change other sizes", () => {
  const refuse = (size: number[], shown: string) =>
    assertRefuses(
      () => expand(zeros([2, 1]), size),
      RangeError,
      "Cannot apply expand as only sizes of 1 can grow and new dimensions come first: " +
        `size ${shown}, x has shape [2, 1]`,
    );
  refuse([3, 1], "[3, 1]");
  refuse([2], "[2]");
  refuse([-1, 2, 1], "[-1, 2, 1]");
  for (const size of [[2, -2], [2, 1.5]]) {
    assertRefuses(
      () => expand(zeros([2, 1]), size),
      RangeError,
      `Cannot apply expand as size must be an array of whole numbers from -1 up: [${size.join(", ")}]`,
    );
  }
});
