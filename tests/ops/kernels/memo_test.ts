import { assertEquals, assertThrows } from "@std/assert";
import { Memo, perOwner } from "../../../ops/kernels/memo.ts";

Deno.test("Memo makes a value once for equal keys, whatever objects they are", () => {
  const memo = new Memo<object>(), made = memo.get(["a", { n: 1 }], () => ({}));
  assertEquals(memo.get(["a", { n: 1 }], () => ({ other: true })) === made, true);
  assertEquals(memo.get(["a", { n: 2 }], () => ({ other: true })) === made, false);
  assertEquals(memo.size, 2);
});

Deno.test("Memo forgets what was used longest ago, and says so", () => {
  const dropped: string[] = [], memo = new Memo<string>({ most: 2, dropped: (made) => dropped.push(made) });
  const use = (key: string) => memo.get(key, () => `made of ${key}`);
  use("a");
  use("b");
  use("a"); // b is now the older
  use("c");
  assertEquals(dropped, ["made of b"]);
  assertEquals(memo.get("a", () => "made anew"), "made of a");
  assertEquals(memo.get("b", () => "made anew"), "made anew");
  assertEquals(dropped, ["made of b", "made of c"]);
  assertEquals(memo.size, 2);
});

Deno.test("Memo keeps 512 entries unless told otherwise", () => {
  const memo = new Memo<number>();
  for (let i = 0; i < 600; i++) memo.get(i, () => i);
  assertEquals(memo.size, 512);
  assertEquals([memo.get(88, () => -1), memo.get(87, () => -1)], [88, -1]);
});

Deno.test("Memo keeps nothing of a failure", () => {
  const memo = new Memo<number>();
  assertThrows(
    () =>
      memo.get("key", () => {
        throw new Error("not now");
      }),
    Error,
    "not now",
  );
  assertEquals([memo.size, memo.get("key", () => 3)], [0, 3]);
});

Deno.test("perOwner() gives each owner one thing of its own", () => {
  const listOf = perOwner<object, number[]>(() => []), a = {}, b = {};
  listOf(a).push(1);
  listOf(a).push(2);
  assertEquals([listOf(a), listOf(b)], [[1, 2], []]);
});
