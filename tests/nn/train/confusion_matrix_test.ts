import { assertEquals, assertRejects } from "@std/assert";
import {
  ConfusionMatrix,
  confusionMatrix,
  DataLoader,
  nn,
  openDevice,
  predict,
  Subset,
  type Tensor,
  tensor,
  TensorDataset,
  zeros,
} from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";

const device = await openDevice();

const labels = (values: number[]) => tensor(values, { dtype: "int32" });
const rows = tensor([[3, 1, 0], [1, 2, 0], [0, 5, 1], [0, 0, 1]]);

/** Gives its input back, and writes down in which mode it was. */
class Echo extends nn.Module {
  readonly modes: boolean[] = [];
  override forward(x: Tensor): Tensor {
    this.modes.push(this.training);
    return x.mul(1);
  }
}

Deno.test("confusionMatrix() counts over all batches, in evaluation mode, and frees what it makes", async () => {
  const net = new Echo();
  const batches: [Tensor, Tensor][] = [[rows, labels([0, 0, 1, 2])], [rows, labels([0, 1, 1, 0])]];
  const before = undisposed(device);
  const matrix = await confusionMatrix(net, batches);
  assertEquals(undisposed(device), before);
  assertEquals(matrix.counts, [[2, 1, 1], [0, 3, 0], [0, 0, 1]]);
  assertEquals([net.training, net.modes], [true, [false, false]]);
  assertEquals(matrix.accuracy, 6 / 8);
  assertEquals(matrix.recall, [2 / 4, 1, 1]);
  assertEquals(matrix.precision, [1, 3 / 4, 1 / 2]);
  assertEquals(matrix.classes, ["0", "1", "2"]);
  assertEquals((await confusionMatrix(net, batches, { compile: true })).counts, matrix.counts);
});

Deno.test("confusionMatrix() of many batches counts each once", async () => {
  const many = Array.from({ length: 150 }, (_, k): [Tensor, Tensor] => [rows, labels([k % 3, 0, 0, 0])]);
  const { counts } = await confusionMatrix(new Echo(), many);
  assertEquals(counts, [[50, 300, 150], [50, 0, 0], [50, 0, 0]]);
});

Deno.test("confusionMatrix() has the names of the data set, prints as a table and shows itself as one", async () => {
  const all = Object.assign(new TensorDataset(rows, labels([0, 1, 1, 1])), {
    classes: ["shirt", "a & b", "bag"],
  });
  const loader = new DataLoader(new Subset(all, [0, 1, 3]), { batchSize: 2 });
  const matrix = await confusionMatrix(new nn.Identity(), loader);
  assertEquals(
    `${matrix}`,
    [
      "               0      1      2  recall",
      "0 shirt        1      0      0   1.000",
      "1 a & b        0      1      1   0.500",
      "2 bag          0      0      0     NaN",
      "precision  1.000  1.000  0.000   0.667",
    ].join("\n"),
  );
  const shown = (matrix as unknown as Record<symbol, () => Record<string, string>>)
    [Symbol.for("Jupyter.display")]();
  assertEquals(Object.keys(shown), ["text/html", "text/plain"]);
  assertEquals(shown["text/html"].match(/<tr>/g)!.length, 4);
  assertEquals(shown["text/html"].includes("<th>a &#38; b</th>"), true);
});

Deno.test("predict() tells classes with their probabilities, in evaluation mode", async () => {
  const net = new Echo(), before = undisposed(device);
  const found = await predict(net, rows, { classes: ["shirt", "coat", "bag"], top: 2 });
  assertEquals(undisposed(device), before);
  assertEquals([net.training, net.modes], [true, [false]]);
  assertEquals(found.map((all) => all.map((each) => [each.label, each.class])), [
    [[0, "shirt"], [1, "coat"]],
    [[1, "coat"], [0, "shirt"]],
    [[1, "coat"], [2, "bag"]],
    [[2, "bag"], [0, "shirt"]],
  ]);
  const sum = (await predict(net, rows))[0].reduce((total, { probability }) => total + probability, 0);
  assertEquals(Math.abs(sum - 1) < 1e-6, true);
  assertEquals((await predict(net, zeros([1, 3])))[0].map((each) => each.class), ["0", "1", "2"]);
});

Deno.test("confusionMatrix() and predict() refuse what does not fit", async () => {
  const net = new nn.Identity(), start = "Cannot count a confusion matrix as ";
  const cases: [() => Promise<unknown>, string][] = [
    [() => confusionMatrix(net, []), `${start}there must be batches: there are none`],
    [() => confusionMatrix(net, [[rows, labels([0, 0, 0, 3])]]), `${start}labels must be from 0 to 2: 3`],
    [() => confusionMatrix(net, [[rows, labels([0, 0, 0, -1])]]), `${start}labels must be from 0 to 2: -1`],
    [() => confusionMatrix(net, [[rows, labels([0])]]), `${start}labels must be int32 [4]: int32 [1]`],
    [() => confusionMatrix(net, [[rows, zeros([4])]]), `${start}labels must be int32 [4]: float32 [4]`],
    [
      () => confusionMatrix(net, [[zeros([4]), labels([0])]]),
      `${start}the network must give logits [n, classes]: [4]`,
    ],
    [
      () => confusionMatrix(net, [[rows, labels([0, 0, 0, 0])]], { classes: ["a"] }),
      `${start}there must be a name for each of 3 classes: there are 1`,
    ],
    [
      () => predict(net, zeros([2, 1, 3])),
      "Cannot predict as the network must give logits [n, classes]: [2, 1, 3]",
    ],
  ];
  const wrong = async () => await new ConfusionMatrix([[1, 0], [1]], ["a", "b"]);
  cases.push([
    wrong,
    "Cannot make a ConfusionMatrix as it must have as many rows and columns as classes, 2: 1",
  ]);
  for (const [call, message] of cases) await assertRejects(call, RangeError, message);
});
