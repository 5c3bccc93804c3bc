import { assertAlmostEquals, assertEquals } from "@std/assert";
import { distances } from "../../../examples/study/activation_pictures.ts";

Deno.test("distances() gives the difference of means in pooled standard deviations", () => {
  const a = [[1, 5, 2], [3, 5, 4]], b = [[4, 5, 3], [6, 5, 3], [5, 5, 3]];
  const [first, second, third] = distances(a, b);
  assertAlmostEquals(first, -3 / Math.sqrt(4 / 3)); // squares 2 and 2, 5 images
  assertEquals([second, third], [0, 0]);
});
