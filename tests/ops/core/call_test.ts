import { assertEquals, assertStrictEquals } from "@std/assert";
import { openDevice } from "../../../mod.ts";
import { elementwiseAsCall, lowerCall } from "../../../ops/core/call.ts";
import { Storage } from "../../../ops/gpu/storage.ts";
import type { Work } from "../../../ops/gpu/work.ts";
import { ADAPTERS } from "../../../ops/kernels/adapter.ts";
import { programEpilogue } from "../../../ops/kernels/elementwise.ts";
import { type FirstOutput, IDENTITY } from "../../../ops/kernels/wgsl/epilogue.ts";
import { programOf } from "../../../ops/kernels/wgsl/program.ts";

const device = await openDevice();

Deno.test("lowerCall() gives the name, the data and the first output as it is", () => {
  const [x, y, z] = [new Storage(device, 16), new Storage(device, 16), new Storage(device, 16)];
  let given: unknown;
  const call = {
    name: "test",
    reads: [x],
    writes: [y, z],
    data: { x, z, size: 4 },
    lower: (call: FirstOutput & { size: number }): Work => {
      given = call;
      return { dispatches: [], temporaries: [] };
    },
  };
  lowerCall(call, ADAPTERS.cpu);
  assertEquals(given, { name: "test", x, z, size: 4, y, epilogue: IDENTITY });
});

Deno.test("lowerCall() gives another first output in its place", () => {
  const [y, other] = [new Storage(device, 16), new Storage(device, 16)];
  const fn = { name: "twice", args: [["v", "float32"]], result: "float32", body: "2.0 * v" } as const;
  const epilogue = programEpilogue(programOf(fn), [4], [], []);
  const pooling = { kind: "max", y: other, indices: null, storeFull: false } as const;
  let given: FirstOutput | undefined;
  const call = {
    name: "test",
    reads: [],
    writes: [y],
    data: {},
    lower: (call: FirstOutput): Work => {
      given = call;
      return { dispatches: [], temporaries: [] };
    },
  };
  lowerCall(call, ADAPTERS.cpu, { y: other, epilogue, pooling });
  assertStrictEquals(given!.y, other);
  assertStrictEquals(given!.epilogue, epilogue);
  assertStrictEquals(given!.pooling, pooling);
});

Deno.test("elementwiseAsCall() names the storages of all operands", () => {
  const [x, y] = [new Storage(device, 16), new Storage(device, 16)];
  const access = { strides: [1], offset: 0 };
  const program = programOf({ name: "same", args: [["x", "float32"]], result: "float32", body: "x" });
  const inputs = [{ storage: x, access }], outputs = [{ storage: y, access }];
  const call = elementwiseAsCall({ name: "same", shape: [4], program, inputs, outputs, numbers: [] });
  assertEquals([call.reads, call.writes], [[x], [y]]);
  const { dispatches: [{ bind }] } = lowerCall(call, ADAPTERS.cpu);
  assertEquals(bind, [y, x]);
});
