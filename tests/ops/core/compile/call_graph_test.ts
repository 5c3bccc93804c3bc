import { assert, assertEquals, assertFalse } from "@std/assert";
import { openDevice } from "../../../../mod.ts";
import type { Call } from "../../../../ops/core/call.ts";
import { CallNode, replacePair, withoutDead } from "../../../../ops/core/compile/call_graph.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";

const device = await openDevice();
const [a, b, c, d] = Array.from({ length: 4 }, () => new Storage(device, 16));

function node(reads: Storage[], writes: Storage[]): CallNode {
  const call: Call = {
    name: "test",
    reads,
    writes,
    data: {},
    lower: () => ({ dispatches: [], temporaries: [] }),
  };
  return new CallNode(call);
}

Deno.test("a node depends on what wrote its input or output, and on what read its output", () => {
  const first = node([a], [b]);
  assert(node([b], [c]).dependsOn(first));
  assert(node([c], [b]).dependsOn(first));
  assert(node([c], [a]).dependsOn(first));
  assertFalse(node([a], [c]).dependsOn(first));
});

Deno.test("replacePair() puts the nodes between before or after, as they need", () => {
  const i = node([a], [b]), user = node([b], [c]), other = node([a], [d]), j = node([b], [a]);
  const merged = node([a, b], [a]), free = node([d], [d]);
  assertEquals(replacePair([i, other, j], 0, 2, merged), [other, merged]);
  assertEquals(replacePair([i, free, j], 0, 2, merged), [free, merged]);
  assertEquals(replacePair([free, i, user, node([d], [a])], 1, 3, merged), [free, merged, user]);
});

Deno.test("replacePair() refuses where a node between stands in the way", () => {
  const i = node([a], [b]), between = node([b], [c]), j = node([b, c], [d]);
  assertEquals(replacePair([i, between, j], 0, 2, node([a], [d])), null);
});

Deno.test("withoutDead() keeps what is wanted, and what that needs", () => {
  const first = node([a], [b]), dead = node([b], [c]), last = node([b], [d]);
  assertEquals(withoutDead([first, dead, last], (s) => s === d), [first, last]);
  assertEquals(withoutDead([first, dead], (s) => s === d), []);
});

Deno.test("a node with a pooling writes what is pooled, and its value only where that is stored", () => {
  const call = node([a], [b]).call, pooling = { kind: "max", x: b, y: c, indices: d, h: 2, w: 2 } as const;
  assertEquals([...new CallNode(call, { pooling }).writes], [b, c, d]);
  const alone = new CallNode(call, { pooling, isStored: () => false });
  assertEquals([[...alone.writes], alone.storesValue], [[c, d], false]);
  assertEquals([
    ...new CallNode(call, { pooling: { ...pooling, indices: null }, isStored: () => false }).writes,
  ], [c]);
});
