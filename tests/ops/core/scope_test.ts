import { assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import { openDevice, Scope, scope, type Tensor, tensor, zeros } from "../../../mod.ts";
import { persistent } from "../../../ops/core/recorder.ts";
import { undisposed } from "../../support/memory.ts";
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
