// Work over more tensors than a kernel of the adapter at hand binds: it is split, or refused where it is one kernel.
import { assert, assertEquals } from "@std/assert";
import { cat, compile, openDevice, runKernel, stack, type Tensor, tensor } from "../../../../mod.ts";
import { assertRefuses } from "../../../support/values.ts";

const device = await openDevice(), most = device.limits.maxStorageBuffersPerShaderStage, count = most + 4;

/** Tensors of `n` elements: the k-th begins with k and counts up. */
const tensors = (n: number) =>
  Array.from({ length: count }, (_, k) => tensor(Float32Array.from({ length: n }, (_, i) => k + i)));
/** The sum of element 1 of all of them. */
const SUM = count * (count + 1) / 2;

Deno.test("a captured sum of more tensors than a kernel binds takes more kernels", async () => {
  const sum = compile((...xs: Tensor[]) => xs.reduce((a, b) => a.add(b)));
  assertEquals((await sum(...tensors(40)).data())[1], SUM);
  assert(
    sum.dispatches > 1 && sum.dispatches <= 1 + Math.ceil(count / (most - 2)),
    `${sum.dispatches} kernels`,
  );
});

Deno.test("captured values that are all wanted take more kernels where one does not bind them", async () => {
  const sums = compile((...xs: Tensor[]) => {
    const all = [xs[0]];
    for (const x of xs.slice(1)) all.push(all.at(-1)!.add(x));
    return all.slice(1);
  });
  const got = await Promise.all(sums(...tensors(40)).map(async (sum) => (await sum.data())[1]));
  assertEquals(got, Array.from({ length: count - 1 }, (_, k) => (k + 2) * (k + 3) / 2));
});

Deno.test("a captured convolution takes as much elementwise work as its kernel binds", async () => {
  const x = tensor(Array.from({ length: 18 }, (_, i) => i % 5), { shape: [2, 1, 3, 3] });
  const w = tensor([1, 2, 3, 4], { shape: [1, 1, 2, 2] });
  const apply = (x: Tensor, w: Tensor, ...more: Tensor[]) =>
    more.reduce((a, m) => a.add(m.reshape([2, 1, 2, 2])).relu(), x.conv2d(w));
  const more = tensors(8);
  assertEquals(await compile(apply)(x, w, ...more).data(), await apply(x, w, ...more).data());
});

Deno.test("cat() and stack() take more tensors than a kernel binds", async () => {
  const ts = tensors(3), rows = ts.map((_, k) => [k, k + 1, k + 2]);
  assertEquals(await stack(ts).toArray(), rows);
  assertEquals(await cat(ts).toArray(), rows.flat());
});

Deno.test("a kernel of one's own that binds too much is refused at the call, and the device goes on", async () => {
  const ts = tensors(4), names = ts.map((_, k) => `x${k}`);
  assertRefuses(
    () =>
      runKernel({
        name: "sum of all",
        inputs: Object.fromEntries(names.map((name, k) => [name, ts[k]])),
        outputs: { y: [4] },
        invocations: 4,
        body: `if (id < 4u) { y[id] = ${names.map((name) => `${name}[id]`).join(" + ")}; }`,
      }),
    RangeError,
    `Cannot run kernel sum of all as it may bind ${most} storage buffers on this adapter: it binds ${
      count + 1
    }`,
  );
  assertEquals(await tensor([1, 2]).add(1).toArray(), [2, 3]);
  await device.sync();
});
