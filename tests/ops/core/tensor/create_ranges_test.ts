import { assertEquals } from "@std/assert";
import { arange, eye, linspace, openDevice } from "../../../../mod.ts";
import { assertRefuses } from "../../../support/values.ts";

await openDevice();

Deno.test("arange() counts up to the end, from a start, by a step", async () => {
  assertEquals(await arange(4).toArray(), [0, 1, 2, 3]);
  assertEquals(await arange(2, 5).toArray(), [2, 3, 4]);
  assertEquals(await arange(5, 2, -1.5).toArray(), [5, 3.5]);
  assertEquals(arange(0).shape, [0]);
  assertEquals(arange(3, 3).shape, [0]);
});

Deno.test("arange() rounds once", async () => {
  // torch.arange(1, 2, 0.1) in PyTorch 1.13
  const wanted = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9];
  assertEquals(await arange(1, 2, 0.1).data(), Float32Array.from(wanted));
});

Deno.test("arange(), linspace() and eye() take a type and whether gradients are wanted", async () => {
  assertEquals(await arange(3, { dtype: "int32" }).data(), Int32Array.of(0, 1, 2));
  assertEquals(await arange(1, 3, { dtype: "int32" }).data(), Int32Array.of(1, 2));
  assertEquals(await arange(1, 6, 2, { dtype: "int32" }).data(), Int32Array.of(1, 3, 5));
  assertEquals(await linspace(0, 4, 3, { dtype: "int32" }).data(), Int32Array.of(0, 2, 4));
  assertEquals(await eye(2, 2, { dtype: "int32" }).data(), Int32Array.of(1, 0, 0, 1));
  assertEquals(await eye(1, 2, { dtype: "bool" }).toArray(), [[true, false]]);
  const options = { requiresGrad: true };
  const wanting = [arange(2, options), linspace(0, 1, 2, options), eye(2, 2, options)];
  assertEquals(wanting.map((t) => t.requiresGrad), [true, true, true]);
  assertEquals(arange(2).requiresGrad, false);
});

Deno.test("linspace() includes both ends", async () => {
  assertEquals(await linspace(-1, 2, 7).toArray(), [-1, -0.5, 0, 0.5, 1, 1.5, 2]);
  assertEquals(await linspace(3, 5, 1).toArray(), [3]);
  assertEquals(linspace(3, 5, 0).shape, [0]);
  assertEquals((await linspace(0, 0.1, 1000).data())[999], Math.fround(0.1));
});

Deno.test("eye() is 1 on the diagonal", async () => {
  assertEquals(await eye(2).toArray(), [[1, 0], [0, 1]]);
  assertEquals(await eye(3, 2).toArray(), [[1, 0], [0, 1], [0, 0]]);
  assertEquals(await eye(2, 3).toArray(), [[1, 0, 0], [0, 1, 0]]);
  assertEquals(eye(0, 3).shape, [0, 3]);
});

Deno.test("arange(), linspace() and eye() refuse what makes no tensor", () => {
  const refuse = (start: number, end: number, step: number) =>
    assertRefuses(
      () => arange(start, end, step),
      RangeError,
      `Cannot apply arange as a step other than 0 must lead from start to end: ${start} to ${end} by ${step}`,
    );
  refuse(0, 3, 0);
  refuse(0, 3, -1);
  refuse(3, 0, 1);
  assertRefuses(
    () => arange(0, Infinity),
    RangeError,
    "Cannot apply arange as end must be a finite number: Infinity",
  );
  assertRefuses(
    () => linspace(0, 1, -1),
    RangeError,
    "Cannot apply linspace as steps must be a whole number from 0 up: -1",
  );
  assertRefuses(
    () => eye(1.5, 2),
    RangeError,
    "Cannot apply eye as n must be a whole number from 0 up: 1.5",
  );
});
