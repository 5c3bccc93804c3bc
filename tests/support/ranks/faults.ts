// One rank has another network, or weights that went another way; rank 0 writes the error that all get.
import { nn, noGrad, openDevice, optim, rand } from "../../../mod.ts";
import { distribute, init } from "../../../nn/distributed/mod.ts";

await openDevice();
const group = await init({ silence: 60 }), [fault] = Deno.args, { rank } = group;
const width = fault === "structure" && rank === 2 ? 4 : 3;
const net = new nn.Sequential(new nn.Linear(5, width), new nn.Linear(width, 2));
const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
let error = "";
try {
  const ddp = await distribute(net, optimizer, { checkEvery: 2 });
  const step = ddp.compile((x) => net.forward(x).sum());
  for (let k = 0; k < 2; k++) {
    await step(rand([4, 5]));
    if (rank === 1) noGrad(() => net[1].parameters()[1].fill(0.5));
  }
} catch (thrown) {
  error = (thrown as Error).message;
}
const all = await group.allReduce(new Int32Array([error === "" ? 0 : 1]));
await group.destroy();
if (rank === 0) console.log(JSON.stringify({ error, all: all[0] }));
