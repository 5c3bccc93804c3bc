import { assertEquals } from "@std/assert";
import { openDevice, tensor, zeros } from "../../../../mod.ts";
import { compute, computeInto } from "../../../../ops/core/tensor/compute.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";

await openDevice();

const ADD = programOf({
  name: "add",
  args: [["a", "float32"], ["b", "float32"]],
  result: "float32",
  body: "a + b",
});

Deno.test("computeInto() broadcasts tensors as they are, or in another shape", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]), row = tensor([10, 20, 30]), two = tensor([100, 200]);
  const y = zeros([2, 3]);
  computeInto("add", ADD, [2, 3], [x, row], [y]);
  assertEquals(await y.toArray(), [[11, 22, 33], [14, 25, 36]]);
  computeInto("add", ADD, [2, 3], [x, [two, [2, 1]]], [y]);
  assertEquals(await y.toArray(), [[101, 102, 103], [204, 205, 206]]);
});

Deno.test("computeInto() walks inputs and outputs as it is told", async () => {
  const x = tensor([1, 2, 3]), y = zeros([6]);
  const backward = { strides: [-1], offset: 2 }, second = { strides: [2], offset: 1 };
  computeInto("add", ADD, [3], [x, [x, backward]], [[y, second]]);
  assertEquals(await y.toArray(), [0, 4, 0, 4, 0, 4]);
});

Deno.test("computeInto() may overwrite its inputs, seen in another shape too", async () => {
  const x = tensor([[1, 2], [3, 4]]);
  computeInto("add", ADD, [4], [[x, [4]], [x, [4]]], [x]);
  assertEquals(await x.toArray(), [[2, 4], [6, 8]]);
});

Deno.test("compute() makes a tensor of the type it is told, and none of no elements", async () => {
  const least = programOf({
    name: "atLeast",
    args: [["a", "float32"], ["p", "float32"]],
    result: "bool",
    body: "a >= p",
  }, 1);
  const y = compute("atLeast", least, [2, 2], [tensor([1, 3])], [2], "bool");
  assertEquals([y.dtype, await y.toArray()], ["bool", [[false, true], [false, true]]]);
  assertEquals(compute("atLeast", least, [0, 2], [zeros([0, 2])], [2], "bool").shape, [0, 2]);
});
