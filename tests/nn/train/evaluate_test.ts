import { assertEquals, assertRejects } from "@std/assert";
import { countCorrect, evaluateAccuracy, nn, openDevice, type Tensor, tensor, zeros } from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";
import { assertRefuses } from "../../support/values.ts";

const device = await openDevice();

const labels = (values: number[]) => tensor(values, { dtype: "int32" });

/** Gives its input back, and writes down in which mode it was. */
class Echo extends nn.Module {
  readonly modes: boolean[] = [];
  override forward(x: Tensor): Tensor {
    this.modes.push(this.training);
    return x.mul(1);
  }
}

Deno.test("countCorrect() counts rows whose largest logit is the label's", async () => {
  const logits = tensor([[1, 3, 2], [5, 0, 0], [0, 0, 1], [2, 2, 1]], { requiresGrad: true });
  const count = countCorrect(logits, labels([1, 0, 0, 0]));
  assertEquals([count.dtype, count.requiresGrad, await count.item()], ["int32", false, 3]);
});

Deno.test("countCorrect() refuses shapes that do not fit", () => {
  assertRefuses(
    () => countCorrect(zeros([2, 3]), labels([1])),
    RangeError,
    "Cannot count correct rows as logits must be [n, classes] and labels [n]: [2, 3] and [1]",
  );
});

Deno.test("evaluateAccuracy() counts over all batches, in evaluation mode, and frees what it makes", async () => {
  const net = new Echo();
  const batches: [Tensor, Tensor][] = [
    [tensor([[0, 1], [1, 0], [0, 1]]), labels([1, 1, 1])],
    [tensor([[1, 0]]), labels([0])],
  ];
  const before = undisposed(device);
  assertEquals(await evaluateAccuracy(net, batches), 0.75);
  assertEquals(undisposed(device), before);
  assertEquals([net.modes, net.training], [[false, false], true]);
});

Deno.test("evaluateAccuracy() restores the mode when it fails", async () => {
  const net = new Echo();
  await assertRejects(() => evaluateAccuracy(net, [[zeros([2, 2]), labels([1])]]), RangeError);
  assertEquals(net.training, true);
});
