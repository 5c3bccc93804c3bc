// What each rank of a job calls; rank 0 writes what came out.
import { openDevice, tensor } from "../../../mod.ts";
import {
  allGather,
  allReduce,
  barrier,
  broadcast,
  init,
  rank,
  worldSize,
} from "../../../nn/distributed/mod.ts";

await openDevice();
const group = await init({ backend: "mpi", silence: 60 }), r = rank(), n = worldSize();
const wrong: string[] = [];

/** The elements of a rank: so that the order of a float32 sum shows. */
const values = (size: number, by = r) =>
  Float32Array.from({ length: size }, (_, i) => (i % 97) * 0.1 + by * 1e-3);

for (const size of [0, 1, 5, 4096, 61706]) {
  const sum = await allReduce(values(size)), byMpi = await allReduce(values(size), { order: "mpi" });
  const all = Array.from({ length: n }, (_, by) => values(size, by));
  for (let i = 0; i < size; i++) {
    const exact = all.reduce((sum, each) => sum + each[i], 0);
    if (sum[i] !== Math.fround(exact)) wrong.push(`sum of ${size} at ${i}`);
    if (Math.abs(byMpi[i] - exact) > 1e-5 * exact) wrong.push(`sum by MPI of ${size} at ${i}`);
  }
}
const t = await allReduce(tensor([[1, 2], [3, r]]), { op: "avg" });
const [least, most] = [
  await allReduce(new Int32Array([r, -r]), { op: "min" }),
  await allReduce(new Float64Array([r, -r]), { op: "max" }),
];
const gathered = await allGather(tensor([r, 2 * r], { dtype: "int32" }));
const sent = await broadcast(tensor([r === n - 1, true, false]), { src: n - 1 });
const bytes = await broadcast(new Uint8Array([r + 7]));
// both halves of the event loop go on while others are waited for
let ticks = 0;
const timer = setInterval(() => ticks++, 5);
if (r === 0) await new Promise((resolve) => setTimeout(resolve, 200));
await barrier();
clearInterval(timer);
const late = await allReduce(new Int32Array([wrong.length, ticks]), { op: "max" });
const refused: string[] = [];
for (
  const call of [
    () => allReduce(new Uint8Array(1)),
    () => allReduce(new Int32Array(1), { op: "avg" }),
    () => broadcast(new Float32Array(1), { src: n }),
    () => init(),
  ]
) await call().catch((error) => refused.push(`${error.name}: ${error.message}`));
const result = {
  n,
  wrong: wrong.slice(0, 5),
  wrongs: late[0],
  ticks: late[1] > 10,
  avg: await t.toArray(),
  least: [...least],
  most: [...most],
  gathered: await Promise.all(gathered.map((each) => each.toArray())),
  sent: [...await sent.data()],
  bytes: [...bytes],
  refused,
  library: group.library.split(" ")[0],
};
await group.destroy();
if (r === 0) console.log(JSON.stringify(result));
