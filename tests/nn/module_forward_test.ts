import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { compile, nn, openDevice, type Tensor, zeros } from "../../mod.ts";

await openDevice();

/** The layer that does not fit, a level further down. */
class Block extends nn.Module {
  conv1 = new nn.Conv2d(4, 2, 3);
  override forward(x: Tensor): Tensor {
    return this.conv1.forward(x).relu();
  }
}

const REFUSED = "Cannot apply conv2d as weight [2, 4, 3, 3] needs 4 input channels: x has shape [1, 2, 6, 6]";

function messageOf(fn: () => unknown): string {
  return (assertThrows(fn, RangeError) as Error).message;
}

Deno.test("a shape error names the layer that refused, by its path", () => {
  const x = zeros([1, 1, 8, 8]);
  const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU(), new Block());
  assertEquals(messageOf(() => net.forward(x)), `in 2.conv1 (Conv2d): ${REFUSED}`);
});

Deno.test("paths are those of namedModules(): fields, names of a Sequential, places of a list", () => {
  class Net extends nn.Module {
    stem = new nn.Sequential({ first: new nn.Conv2d(1, 2, 3) });
    blocks = new nn.ModuleList([new Block()]);
    override forward(x: Tensor): Tensor {
      let y = this.stem.forward(x);
      for (const block of this.blocks) y = block.forward(y);
      return y;
    }
  }
  const net = new Net(), x = zeros([1, 1, 8, 8]);
  const message = messageOf(() => net.forward(x));
  assertEquals(message, `in blocks.0.conv1 (Conv2d): ${REFUSED}`);
  assert(net.getSubmodule("blocks.0.conv1") instanceof nn.Conv2d);
  assertEquals(
    messageOf(() => new nn.Sequential({ inner: net }).forward(x)),
    `in inner.blocks.0.conv1 (Conv2d): ${REFUSED}`,
  );
});

Deno.test("an operation in a module's own forward is the module's", () => {
  class Flat extends nn.Module {
    override forward(x: Tensor): Tensor {
      return x.reshape([7]);
    }
  }
  const refused = "Cannot apply reshape as [7] must have the 6 elements of x: x has shape [2, 3]";
  const x = zeros([2, 3]);
  assertEquals(messageOf(() => new Flat().forward(x)), refused);
  assertEquals(messageOf(() => new nn.Sequential(new Flat()).forward(x)), `in 0 (Flat): ${refused}`);
});

Deno.test("a layer alone, and one that is called from outside, keep their message", () => {
  assertEquals(messageOf(() => new nn.Conv2d(4, 2, 3).forward(zeros([1, 2, 6, 6]))), REFUSED);
  const net = new nn.Sequential(new Block());
  assertEquals(messageOf(() => (net[0] as Block).conv1.forward(zeros([1, 2, 6, 6]))), REFUSED);
});

Deno.test("the error is the one that was thrown: its class, and its stack with the new message", () => {
  const net = new nn.Sequential(new Block());
  const error = assertThrows(() => net.forward(zeros([1, 2, 6, 6])), RangeError) as Error;
  assertInstanceOf(error, RangeError);
  assert(error.stack!.startsWith(`RangeError: in 0.conv1 (Conv2d): ${REFUSED}\n    at `));
});

Deno.test("errors of one's own, and of JavaScript, pass unchanged", () => {
  const own = new Error("out of coffee"),
    cannot = new TypeError("Cannot read properties of null (reading 'x')");
  for (const thrown of [own, cannot, "text", 7, Object.freeze(new Error("Cannot do as it must: frozen"))]) {
    class Thrower extends nn.Module {
      override forward(): Tensor {
        throw thrown;
      }
    }
    const before = thrown instanceof Error ? thrown.message : thrown;
    let found: unknown;
    try {
      new nn.Sequential(new nn.Sequential(new Thrower())).forward(zeros([1]));
    } catch (error) {
      found = error;
    }
    assertStrictEquals(found, thrown);
    assertEquals(found instanceof Error ? found.message : found, before);
  }
});

Deno.test("super.forward(), hooks, shared layers and captured steps name one path", () => {
  class Wider extends Block {
    override forward(x: Tensor): Tensor {
      return super.forward(x);
    }
  }
  const shared = new Wider(), net = new nn.Sequential(new nn.ReLU(), shared, shared);
  const x = zeros([1, 2, 6, 6]), named = `in 1.conv1 (Conv2d): ${REFUSED}`;
  assertEquals(messageOf(() => net.forward(x)), named);
  shared.registerForwardPreHook(() => {});
  assertEquals(messageOf(() => net.forward(x)), named);
  const step = compile((x: Tensor) => net.forward(x));
  assertEquals(messageOf(() => step(x)), named);
});

Deno.test("a forward keeps its name, its number of inputs and its text", () => {
  const block = new Block();
  assertEquals([block.forward.name, block.forward.length], ["forward", 1]);
  assert(String(block.forward).includes("this.conv1.forward(x)"));
  assertEquals(Object.keys(Block.prototype), []);
});
