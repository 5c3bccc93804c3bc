import { assertEquals } from "@std/assert";
import { gradcheck, maximum, minimum, openDevice, tensor, zeros } from "../../../mod.ts";
import { binary } from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("maximum() and minimum() take the larger and the smaller", async () => {
  const a = tensor([[1], [5]]), b = tensor([3, 2]);
  assertEquals(await maximum(a, b).toArray(), [[3, 2], [5, 5]]);
  assertEquals(await minimum(a, b).toArray(), [[1, 1], [3, 2]]);
  assertEquals(await b.maximum(2.5).toArray(), [3, 2.5]);
  assertEquals([maximum(zeros([2, 0]), zeros([1])).shape, minimum(tensor(1), tensor(2)).shape], [[2, 0], []]);
});

Deno.test("maximum() and minimum() pass gradcheck where both operands broadcast", async () => {
  const a = noiseTensor([3, 1, 5]), b = noiseTensor([4, 1], { seed: 2 });
  await gradcheck(maximum, [a, b], { reference: binary([3, 1, 5], [4, 1], Math.max) });
  await gradcheck(minimum, [a, b], { reference: binary([3, 1, 5], [4, 1], Math.min) });
});

// a.grad and b.grad after torch.maximum(a, b).sum().backward(), and torch.minimum alike
Deno.test("maximum() and minimum() share the gradient of equals, and give both that of NaN", async () => {
  for (const [op, first, second] of [[maximum, 0, 1], [minimum, 1, 0]] as const) {
    const a = tensor([NaN, 1, 0, 2, 1], { requiresGrad: true });
    const b = tensor([1, NaN, -0, 2, 3], { requiresGrad: true });
    op(a, b).sum().backward();
    assertEquals(await a.grad!.toArray(), [1, 1, 0.5, 0.5, first]);
    assertEquals(await b.grad!.toArray(), [1, 1, 0.5, 0.5, second]);
  }
});

Deno.test("maximum() and minimum() refuse shapes that do not broadcast", () => {
  for (const [name, op] of Object.entries({ maximum, minimum })) {
    assertRefuses(
      () => op(zeros([4]), zeros([2, 3])),
      RangeError,
      `Cannot apply ${name} as the shapes must broadcast: [4] and [2, 3]`,
    );
  }
});
