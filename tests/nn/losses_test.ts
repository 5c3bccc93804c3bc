import { assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../mod.ts";

await openDevice();

const x = tensor([-1, 2, 3]), t = tensor([0, 2, 1]), labels = tensor([1], { dtype: "int32" });
const row = tensor([[-1, -2, -4]]), none = { reduction: "none" } as const;

Deno.test("losses are their operations, and pass their options on", async () => {
  assertEquals(await new nn.MSELoss(none).forward(x, t).toArray(), [1, 0, 4]);
  assertEquals(await new nn.L1Loss({ reduction: "sum" }).forward(x, t).toArray(), 3);
  assertEquals(await new nn.SmoothL1Loss({ beta: 2, ...none }).forward(x, t).toArray(), [0.25, 0, 1]);
  assertEquals(await new nn.NLLLoss({ ignoreIndex: 1, ...none }).forward(row, labels).toArray(), [0]);
  assertEquals(await new nn.NLLLoss().forward(row, labels).item(), 2);
  const loss = new nn.BCEWithLogitsLoss({ weight: tensor(2), ...none });
  assertEquals(
    await loss.forward(x, t).data(),
    await x.binaryCrossEntropyWithLogits(t, none).mul(2).data(),
  );
});

Deno.test("CrossEntropyLoss passes its options on, and keeps its weight in the state", async () => {
  const weight = tensor([1, 3]), logits = tensor([[0, 0], [0, 0]]), y = tensor([0, 1], { dtype: "int32" });
  const loss = new nn.CrossEntropyLoss({ weight, reduction: "sum" });
  assertAlmostEquals(await loss.forward(logits, y).item(), 4 * Math.LN2, 1e-6);
  assertStrictEquals(loss.stateDict().weight, weight);
});

Deno.test("losses keep their weights in the state, under PyTorch's names", () => {
  const weight = tensor([1, 2, 3]), posWeight = tensor([3, 2, 1]);
  assertStrictEquals(new nn.NLLLoss({ weight }).stateDict().weight, weight);
  const state = new nn.BCEWithLogitsLoss({ weight, posWeight }).stateDict();
  assertEquals(Object.keys(state), ["weight", "pos_weight"]);
  assertStrictEquals(state.pos_weight, posWeight);
  assertEquals(Object.keys(new nn.BCEWithLogitsLoss().stateDict()), []);
});

Deno.test("losses print as PyTorch prints them", () => {
  const losses = [
    new nn.NLLLoss(),
    new nn.MSELoss(none),
    new nn.L1Loss(),
    new nn.SmoothL1Loss({ beta: 0.5 }),
    new nn.BCEWithLogitsLoss({ weight: tensor(2) }),
    new nn.CrossEntropyLoss(),
  ];
  assertEquals(losses.map(String), [
    "NLLLoss()",
    "MSELoss()",
    "L1Loss()",
    "SmoothL1Loss()",
    "BCEWithLogitsLoss()",
    "CrossEntropyLoss()",
  ]);
});
