import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assertNoLeaks, nn, ones, openDevice, optim, rand, scope, type Tensor } from "../../../mod.ts";

const device = await openDevice();

/** One training of a small network, which is all freed in the end if `isTidy`. */
async function train(isTidy: boolean): Promise<number> {
  using _ = scope();
  const net = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
  const opt = new optim.Adam(net.parameters());
  let last = 0;
  for (let k = 0; k < 3; k++) {
    opt.zeroGrad();
    const loss = net.forward(rand([8, 3])).square().mean();
    loss.backward();
    opt.step();
    last = await loss.item();
  }
  opt.dispose();
  if (isTidy) net.dispose();
  return last;
}

Deno.test("assertNoLeaks() passes what frees all that it makes, and gives what it returned", async () => {
  assertEquals(Number.isFinite(await assertNoLeaks(() => train(true))), true);
  assertEquals(await assertNoLeaks(() => 3), 3);
  assertEquals(device.pool.allocations, null);
});

Deno.test("assertNoLeaks() says how many tensors are left, and where they were made", async () => {
  const { message } = await assertRejects(() => assertNoLeaks(() => train(false)), Error);
  assertMatch(
    message,
    /^Cannot assert that nothing leaks as fn must free every tensor that it makes: 8 tensors are left\n/,
  );
  assertMatch(message, /bytes in 2 pieces made at train \(.*assert_no_leaks_test\.ts:9:\d+\)/);
  const held: Tensor[] = [];
  const one = await assertRejects(() => assertNoLeaks(() => void held.push(ones([100]))), Error);
  assertMatch(
    one.message,
    /: 1 tensor is left\n {2}400 bytes in 1 piece made at .*assert_no_leaks_test\.ts:\d+:\d+\)?$/,
  );
  held[0].dispose();
});

Deno.test("a tensor that outlived fn before does not count, nor does one of fn's that was merely forgotten pass", async () => {
  const before = ones([3]);
  await assertNoLeaks(() => {
    before.add(1).dispose();
    before.dispose();
  });
  await assertRejects(
    () =>
      assertNoLeaks(async () => {
        for (let k = 0; k < 100; k++) ones([1000]);
        new ArrayBuffer(2 ** 29); // the collector may take them
        await new Promise((done) => setTimeout(done, 30));
      }),
    Error,
    ": 100 tensors are left",
  );
});

Deno.test("an error of fn passes through, and checks may run at once", async () => {
  await assertRejects(() => assertNoLeaks(() => Promise.reject(new RangeError("mine"))), RangeError, "mine");
  const pause = () => new Promise((done) => setTimeout(done, 5));
  await Promise.all([
    assertNoLeaks(async () => {
      await pause();
      ones([2]).dispose();
    }),
    assertNoLeaks(pause),
  ]);
  assertEquals(device.pool.allocations, null);
});

Deno.test("a device that tracks allocations goes on to do so after a check", async () => {
  device.close();
  const tracking = await openDevice({ trackAllocations: true });
  const { allocations } = tracking.pool, x = ones([8]);
  await assertNoLeaks(() => ones([5]).dispose());
  await assertRejects(
    () => assertNoLeaks(() => void ones([100])),
    Error,
    "1 tensor is left\n  400 bytes in 1 piece",
  );
  assertEquals(tracking.pool.allocations, allocations);
  assertEquals(allocations!.top().map(({ bytes }) => bytes), [400, 32]);
  x.dispose();
  assertEquals((await openDevice()).trackAllocations, true);
});
