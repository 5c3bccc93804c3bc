import { assert, assertEquals, assertThrows } from "@std/assert";
import { nn, openDevice, summary, type Tensor, tensor, zeros } from "../../mod.ts";

const device = await openDevice();

function lenet(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2, { stride: 2 }),
    new nn.Conv2d(6, 16, 5),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2, { stride: 2 }),
    new nn.Sequential({ flat: new nn.Flatten(), fc1: new nn.Linear(400, 120), act: new nn.Sigmoid() }),
    new nn.Linear(120, 84),
    new nn.Sigmoid(),
    new nn.Linear(84, 10),
  );
}

/** Uses a layer twice and another never; takes two inputs. */
class Twice extends nn.Module {
  readonly scale = new nn.Parameter(tensor([2, 3]));
  readonly fc = new nn.Linear(4, 4);
  readonly idle = new nn.Linear(2, 1);

  override forward(a: Tensor, b: Tensor): { y: Tensor } {
    return { y: this.fc.forward(this.fc.forward(a)).add(b) };
  }
}

// Parameters, mult-adds and bytes are those that torchinfo's rules give (layer_info.py, model_statistics.py).
Deno.test("summary() shows a table of LeNet", () => {
  assertEquals(
    String(summary(lenet(), [2, 1, 28, 28])),
    `================================================================================
Layer (type (name): depth-index)  Output shape     Parameters  Mult-adds   Bytes
================================================================================
Sequential                        [2, 10]                  --         --      80
├─Conv2d (0): 1-1                 [2, 6, 28, 28]          156    244,608  37,632
├─Sigmoid (1): 1-2                [2, 6, 28, 28]           --         --  37,632
├─AvgPool2d (2): 1-3              [2, 6, 14, 14]           --         --   9,408
├─Conv2d (3): 1-4                 [2, 16, 10, 10]       2,416    483,200  12,800
├─Sigmoid (4): 1-5                [2, 16, 10, 10]          --         --  12,800
├─AvgPool2d (5): 1-6              [2, 16, 5, 5]            --         --   3,200
├─Sequential (6): 1-7             [2, 120]                 --         --     960
│  ├─Flatten (flat): 2-1          [2, 400]                 --         --   3,200
│  ├─Linear (fc1): 2-2            [2, 120]             48,120     96,240     960
│  └─Sigmoid (act): 2-3           [2, 120]                 --         --     960
├─Linear (7): 1-8                 [2, 84]              10,164     20,328     672
├─Sigmoid (8): 1-9                [2, 84]                  --         --     672
└─Linear (9): 1-10                [2, 10]                 850      1,700      80
================================================================================
Total parameters: 61,706
Trainable parameters: 61,706
Non-trainable parameters: 0
Total mult-adds: 846,076
================================================================================
Input size: 0.01 MB
Forward/backward pass size: 0.10 MB
Parameters size: 0.25 MB
Estimated total size: 0.36 MB
================================================================================`,
  );
});

Deno.test("summary() counts what is called twice once, and what is not called in the totals", () => {
  const net = new Twice(), { rows, totals } = summary(net, [zeros([3, 4]), zeros([4])]);
  assertEquals(rows.map((r) => [r.path, r.depth, r.index, r.parameters, r.recursive, r.multiplyAdds]), [
    ["", 0, 1, 2, false, 0],
    ["fc", 1, 1, 20, false, 60],
    ["fc", 1, 2, 0, true, 60],
  ]);
  assertEquals(rows[0].outputShape, [3, 4]);
  net.fc.requiresGrad(false);
  assertEquals(totals, {
    parameters: 25,
    trainable: 25,
    multiplyAdds: 120,
    inputBytes: 64,
    passBytes: 192,
    parameterBytes: 100,
  });
  assertEquals(summary(net, [zeros([3, 4]), zeros([4])]).totals.trainable, 5);
});

Deno.test("summary() counts Linear for each row", () => {
  assertEquals(summary(new nn.Linear(4, 5), [2, 3, 4]).totals.multiplyAdds, 6 * 25);
  assertEquals(summary(new nn.Linear(4, 5), zeros([4])).totals.multiplyAdds, 25);
});

Deno.test("summary() leaves no tensors, no hooks and no mode behind, also when the network throws", () => {
  const net = lenet(), x = zeros([1, 1, 28, 28]);
  net[1].eval();
  const modes = net.modules().map((m) => m.training), before = device.memory();
  const text = String(summary(net, x));
  assertEquals(Deno.inspect(summary(net, x)), text);
  assertThrows(() => summary(net, [1, 2, 28, 28]), RangeError, "conv2d");
  const after = device.memory();
  assertEquals([after.tensors, after.bytesInUse], [before.tensors, before.bytesInUse]);
  assertEquals(net.modules().map((m) => m.training), modes);
  assert(!x.disposed && net.forward(x).requiresGrad);
  assertEquals(summary(net, x).rows.length, 14);
});
