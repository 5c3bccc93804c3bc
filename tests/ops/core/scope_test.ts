import { assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import { enableGrad, noGrad, openDevice, Scope, scope, type Tensor, tensor, zeros } from "../../../mod.ts";
import { persistent } from "../../../ops/core/recorder.ts";
import { undisposed } from "../../support/memory.ts";
import { runScript } from "../../support/subprocess.ts";
import { assertRefuses } from "../../support/values.ts";

const device = await openDevice();
const live = () => undisposed(device);

Deno.test("a scope frees every tensor that was made in it", () => {
  const before = live();
  let x: Tensor, y: Tensor;
  {
    using _ = scope();
    x = zeros([3]);
    y = x.add(1).mul(2);
    assertEquals(live(), before + 3);
  }
  assertEquals([x.disposed, y.disposed, live()], [true, true, before]);
});

Deno.test("a scope frees its tensors also when its block throws", () => {
  const before = live();
  assertThrows(() => {
    using _ = scope();
    zeros([3]).add(zeros([4]));
  }, RangeError);
  assertEquals(live(), before);
});

Deno.test("keep() hands a tensor to the scope outside, and from the outermost to nobody", async () => {
  const before = live();
  let kept: Tensor;
  {
    using outer = scope();
    {
      using inner = scope();
      const x = tensor([1, 2]);
      kept = inner.keep(x.mul(2));
    }
    assertEquals(live(), before + 1);
    outer.keep(kept);
  }
  assertFalse(kept.disposed);
  assertEquals(await kept.toArray(), [2, 4]);
  kept.dispose();
  assertEquals(live(), before);
});

Deno.test("keep() of a tensor from elsewhere leaves it where it was", () => {
  using outer = scope();
  const x = zeros([1]);
  {
    using inner = scope();
    assertStrictEquals(inner.keep(x), x);
  }
  assertFalse(x.disposed);
  outer.end();
  assertEquals(x.disposed, true);
});

Deno.test("gradients of leaves outlive the scope of their backward()", async () => {
  using x = tensor([1, 2], { requiresGrad: true });
  for (let i = 0; i < 2; i++) {
    using _ = scope();
    x.mul(x).sum().backward();
  }
  assertEquals(await x.grad!.toArray(), [4, 8]);
});

Deno.test("scopes must end in the reverse order of their opening", () => {
  const outer = new Scope(), inner = new Scope();
  assertRefuses(
    () => outer.end(),
    Error,
    "Cannot end a scope as the scopes opened inside it must end first: one is still open",
  );
  inner.end();
  inner.end(); // a second time does nothing
  outer.end();
});

Deno.test("what is made persistent belongs to no scope", () => {
  let x: Tensor;
  {
    using _ = scope();
    x = persistent(() => zeros([2]));
    zeros([3]);
  }
  assertFalse(x.disposed);
  x.dispose();
});

Deno.test("a scope holds nothing of what was disposed of before its end", () => {
  const before = live();
  using s = scope();
  zeros([2]).dispose();
  assertEquals(live(), before);
  s.end();
  assertEquals(live(), before);
});

/** Lets other async functions run. */
const pause = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("async functions that run at once have scopes of their own", async () => {
  const w = tensor([1, 2, 3]), before = live();
  async function norm(k: number): Promise<number> {
    using _ = scope();
    const x = w.mul(k);
    await pause(5 * (8 - k)); // the later ones end first
    const y = x.mul(x).sum();
    await pause(k % 3);
    return (await y.sqrt().data())[0];
  }
  const found = await Promise.all(Array.from({ length: 8 }, (_, k) => norm(k + 1)));
  assertEquals(found, Array.from({ length: 8 }, (_, k) => Math.fround(Math.sqrt(14 * (k + 1) ** 2))));
  assertEquals(live(), before);
});

Deno.test("what async functions keep is not freed by others, and their own by themselves", async () => {
  const w = tensor([2]), before = live();
  async function power(k: number) {
    using inner = scope();
    let y = w;
    for (let i = 1; i < k; i++) {
      y = y.mul(w);
      await pause(k % 2);
    }
    return inner.keep(y.add(0));
  }
  const kept = await Promise.all([1, 2, 3, 4, 5].map(power));
  assertEquals(await Promise.all(kept.map((t) => t.item())), [2, 4, 8, 16, 32]);
  assertEquals(live(), before + 5);
  for (const t of kept) t.dispose();
});

Deno.test("an async function's scope within another's hands what it keeps to that one", async () => {
  const w = tensor([2]), before = live();
  async function squared() {
    using inner = scope();
    await pause();
    return inner.keep(w.mul(w));
  }
  {
    using _ = scope();
    await pause();
    assertEquals(await (await squared()).add(1).item(), 5);
  }
  assertEquals(live(), before);
});

Deno.test("noGrad() and enableGrad() hold behind an await, in their own function alone", async () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const modes = await Promise.all([
    noGrad(async () => {
      await pause(2);
      return [w.mul(2).requiresGrad, await enableGrad(async () => (await pause(1), w.mul(2).requiresGrad))];
    }),
    (async () => {
      const first = w.mul(2).requiresGrad;
      await pause(1);
      return [first, w.mul(2).requiresGrad];
    })(),
  ]);
  assertEquals(modes, [[false, true], [true, true]]);
});

Deno.test("scopes follow no context where the runtime has none, and say how to order them", async () => {
  const script = `delete (globalThis as { process?: unknown }).process;
const { openDevice, scope, tensor } = await import("${new URL("../../../mod.ts", import.meta.url)}");
const device = await openDevice();
{
  using _ = scope();
  tensor([1]).add(1);
}
const outer = scope(), inner = scope();
try {
  outer.end();
} catch (error) {
  console.log((error as Error).message);
}
inner.end();
outer.end();
console.log(device.memory().tensors);`;
  const { stdout } = await runScript(script, { args: ["-A", "--quiet", "--no-config"] });
  assertEquals(
    stdout,
    "Cannot end a scope as the scopes opened inside it must end first: one is still open\n0\n",
  );
});
