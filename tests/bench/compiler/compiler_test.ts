// The parts of bench:compiler that need no compiler: what it records, and how it reads instructions.
import { assert, assertEquals } from "@std/assert";
import { matmul, openDevice, zeros } from "../../../mod.ts";
import { readAssembly } from "./assembly.ts";
import { recordDispatches, WORKS } from "./record.ts";
import { GPUS, reachable } from "./roofline.ts";
import { sourceOf, tableOf } from "./run.ts";
import { array, cText, struct, textAt } from "./structs.ts";

/** Two loops, one in the other, as RADV's compiler writes them. */
const ASSEMBLY = `BB0:
	s_load_dword s0, s[4:5], 0x8                      ; c0020282 00000008
BB1:
	buffer_load_dwordx4 v[0:3], v9, s[0:3], 0 offen   ; e0381000 80000009
	s_cbranch_scc1 BB7                                ; bf850003
BB2:
	ds_read_b128 v[4:7], v8                           ; d9fe0000 04000008
	ds_read2_b32 v[10:11], v8 offset0:1 offset1:2     ; d86e0201 0a000008
	v_fmac_f32_e32 v12, v4, v10                       ; 56181504
	v_fma_f32 v13, v5, v11, v13                       ; d54b000d 04361705
	s_cbranch_scc0 BB2                                ; bf84fffa
BB5:
	buffer_load_dword v0, v9, s[0:3], 0 offen         ; e0301000 80000009
	s_branch BB1                                      ; bf82fff0
BB7:
	s_endpgm                                          ; bf810000
`;

Deno.test("readAssembly() finds the block that works, and the innermost loop around it", () => {
  const { hot, loop } = readAssembly(ASSEMBLY);
  assertEquals(hot, { instructions: 5, multiplyAdds: 2, loaded: 0, readShared: 24, widths: {} });
  assertEquals(loop, hot);
  const outer = readAssembly(ASSEMBLY.replace("s_cbranch_scc0 BB2 ", "s_nop 0 "));
  assertEquals(outer.loop, {
    instructions: 9,
    multiplyAdds: 2,
    loaded: 20,
    readShared: 24,
    widths: { 4: 1, 16: 1 },
  });
});

Deno.test("readAssembly() takes the whole of a kernel that has no loop, and of none", () => {
  const { loop } = readAssembly("BB0:\n\tv_fmac_f32_e32 v1, v2, v3\nBB1:\n\ts_endpgm\n");
  assertEquals([loop.instructions, loop.multiplyAdds], [2, 1]);
  assertEquals(readAssembly("").hot.instructions, 0);
});

Deno.test("reachable() is the share of the roofline that instructions and workgroup memory leave", () => {
  const gpu = { name: "paper", flops: 100, memory: 10, shared: 40 };
  const loop = { instructions: 20, multiplyAdds: 10, loaded: 0, readShared: 0, widths: {} };
  assertEquals(reachable({ flops: 100, bytes: 0 }, loop, gpu), 0.5); // half of the instructions multiply
  assertEquals(reachable({ flops: 100, bytes: 20 }, loop, gpu), 1); // and memory takes as long
  assertEquals(reachable({ flops: 100, bytes: 0 }, { ...loop, readShared: 80 }, gpu), 0.1);
  assertEquals(reachable({ bytes: 20 }, loop, gpu), undefined);
  assert(GPUS.every(({ flops, memory, shared }) => flops > shared && shared > memory));
});

Deno.test("recordDispatches() notes what would run, and runs nothing", async () => {
  const device = await openDevice({ kernels: "gpu" });
  const a = zeros([70, 40]), before = device.pipelines.compiled;
  const recorded = recordDispatches(device, () => {
    for (let i = 0; i < 3; i++) matmul(a, a.transpose(0, 1));
  });
  const product = recorded.find(({ dispatch }) => dispatch.flops === 2 * 70 * 70 * 40);
  assertEquals(product?.times, 3);
  assertEquals(sourceOf(product!).bindings, ["s", "s", "s", "d"]);
  recordDispatches(device, WORKS["lenet"]);
  assertEquals(device.pipelines.compiled, before);
  device.close();
});

Deno.test("tableOf() has a row for each kernel, the most work first", async () => {
  const device = await openDevice({ kernels: "gpu" }), a = zeros([64, 64]), b = zeros([64, 16]);
  const recorded = recordDispatches(device, () => [matmul(a, b), matmul(a, a), a.add(1)]);
  const compiled = recorded.map(() => ({
    statistics: { "VGPRs": 64, "Subgroups per SIMD": 16, "Scratch size": 0 },
    assembly: ASSEMBLY,
  }));
  const { head, rows } = tableOf(recorded, compiled);
  assertEquals(rows.map((row) => row.length), rows.map(() => head.length));
  assertEquals(rows[0].slice(3, 10), ["64", "16", "0", "40%", "40%", "0 0 0", "12.0"]);
  assertEquals(rows.length, recorded.length);
  assertEquals(rows.map(([name]) => name.startsWith("matmul")), [true, true, false]);
  device.close();
});

Deno.test("struct() lays members out as C does", () => {
  const inner = struct({ u32: 7 }, { u64: 9n });
  assertEquals([...new Uint32Array(inner.buffer)], [7, 0, 9, 0]);
  const outer = struct({ u32: 1 }, { u32: 2 }, { u32: 3 }, { bytes: inner }, { pointer: null }, { u32: 4 });
  assertEquals([...new Uint32Array(outer.buffer)], [1, 2, 3, 0, 7, 0, 9, 0, 0, 0, 4, 0]);
  assertEquals(array([cText("ab"), cText("c")]), Uint8Array.of(97, 98, 0, 99, 0));
  assertEquals(textAt(cText("xyz"), 1), "yz");
});
