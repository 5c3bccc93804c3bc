import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, sub, tensor, zeros } from "../../../mod.ts";
import { binary } from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("sub() subtracts the second operand from the first", async () => {
  const x = tensor([5, 7, 9]);
  assertEquals(await sub(x, tensor([1, 2, 4])).toArray(), [4, 5, 5]);
  assertEquals(await sub(1, x).toArray(), [-4, -6, -8]);
  assertEquals(await x.sub(1).toArray(), [4, 6, 8]);
  assertEquals(await sub(tensor(2), tensor(5)).item(), -3);
});

Deno.test("sub() of equal infinities is NaN", async () => {
  const y = sub(tensor([Infinity, Infinity, 1, NaN]), tensor([Infinity, -Infinity, Infinity, 1]));
  assertEquals(await y.toArray(), [NaN, Infinity, -Infinity, NaN]);
});

Deno.test("sub() passes gradcheck where both operands broadcast", async () => {
  const a = noiseTensor([4, 1, 3]), b = noiseTensor([5, 3], { seed: 2 });
  await gradcheck(sub, [a, b], { reference: binary([4, 1, 3], [5, 3], (a, b) => a - b) });
});

Deno.test("sub() gives a number's other side its gradient", async () => {
  const x = tensor([1, 2], { requiresGrad: true });
  sub(3, x).sum().backward();
  assertEquals(await x.grad!.toArray(), [-1, -1]);
});

Deno.test("sub() refuses shapes that do not broadcast", () => {
  assertRefuses(
    () => sub(zeros([3, 2]), zeros([3])),
    RangeError,
    "Cannot apply sub as the shapes must broadcast: [3, 2] and [3]",
  );
});
