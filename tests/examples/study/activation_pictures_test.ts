import { assertAlmostEquals, assertEquals } from "@std/assert";
import { deviations, distances } from "../../../examples/study/activation_pictures.ts";

Deno.test("distances() gives the difference of means in pooled standard deviations", () => {
  const a = [[1, 5, 2], [3, 5, 4]], b = [[4, 5, 3], [6, 5, 3], [5, 5, 3]];
  const [first, second, third] = distances(a, b);
  assertAlmostEquals(first, -3 / Math.sqrt(4 / 3)); // squares 2 and 2, 5 images
  assertEquals([second, third], [0, 0]);
});

Deno.test("deviations() gives how far images lie from others, in the others' standard deviations", () => {
  const some = [[5, 2, 1], [7, 2, 1]], others = [[1, 2, 5], [3, 2, 7], [2, 2, 6]];
  const [first, second, third] = deviations(some, others), deviation = Math.sqrt(2 / 3);
  assertAlmostEquals(first, 4 / deviation);
  assertEquals(second, 0);
  assertAlmostEquals(third, -5 / deviation);
});
