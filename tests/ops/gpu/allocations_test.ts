import { assertEquals, assertMatch } from "@std/assert";
import { Allocations, inWords, placeOf } from "../../../ops/gpu/allocations.ts";

Deno.test("the lines that hold most memory are named, the largest first, five at most", () => {
  const allocations = new Allocations();
  const piece = (bytes: number) => ({ bytes, allocated: true });
  const first = [piece(100), piece(50)];
  allocations.made(first[0]);
  allocations.made(first[1]);
  for (let k = 0; k < 3; k++) allocations.made(piece(60));
  const lines = allocations.list().split("\n").slice(1);
  assertEquals(lines.length, 3);
  assertMatch(lines[0], /^ {2}180 bytes in 3 pieces made at .*allocations_test\.ts:10:\d+\)?$/);
  assertMatch(lines[1], /^ {2}100 bytes in 1 piece made at .*allocations_test\.ts:8:\d+\)?$/);
  for (const made of first) allocations.freed(made);
  assertEquals(allocations.top().map(({ bytes, pieces }) => [bytes, pieces]), [[180, 3]]);
  allocations.made(piece(10));
  allocations.made({ bytes: 1000, allocated: false }); // it takes no room yet
  assertEquals(allocations.top(5).map(({ bytes }) => bytes), [10]); // what came after the first five
});

Deno.test("the place of an allocation is the innermost line that is not the library's", () => {
  const library = "https://example.com/plunge/";
  const stack = (...frames: string[]) => ["Error", ...frames.map((frame) => `    at ${frame}`)].join("\n");
  const inside = [
    "new Storage (https://example.com/plunge/ops/gpu/storage.ts:31:5)",
    "https://example.com/plunge/mod.ts:1:2",
  ];
  const place = (...frames: string[]) => placeOf(stack(...inside, ...frames), library);
  assertEquals(place("train (file:///a/b.ts:3:4)", "file:///a/c.ts:1:1"), "train (file:///a/b.ts:3:4)");
  assertEquals(place("Array.map (<anonymous>)", "file:///a/c.ts:1:1"), "file:///a/c.ts:1:1");
  assertEquals(
    place("async step (https://example.com/plunge/examples/lenet.ts:1:1)"),
    "async step (https://example.com/plunge/examples/lenet.ts:1:1)",
  );
  assertEquals(place(), inside[1]);
  assertEquals(placeOf(""), "an unknown place");
});

Deno.test("inWords() writes bytes as people do", () => {
  assertEquals([0, 1023, 1536, 2 ** 20, 2.5 * 2 ** 30].map(inWords), [
    "0 bytes",
    "1023 bytes",
    "1.5 KiB",
    "1.0 MiB",
    "2560.0 MiB",
  ]);
});
