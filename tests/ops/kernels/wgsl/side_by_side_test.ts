// Kernels side by side in one dispatch: names are told apart, what is only read is bound once, and limits hold.
import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../../../mod.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { needsOf, sideBySide } from "../../../../ops/kernels/wgsl/side_by_side.ts";
import { dispatch, type KernelParts } from "../../../../ops/kernels/wgsl/source.ts";

const device = await openDevice();

/** A kernel that uses all that a name can be: a binding, a function, workgroup memory, a member and a number. */
function parts(change: Partial<KernelParts> = {}): KernelParts {
  return {
    name: "part",
    bindings: [{ name: "x", type: "f32", access: "read" }, { name: "y", type: "f32", access: "read_write" }],
    numberDecls: [{ name: "n", type: "u32" }, { name: "x", type: "f32" }],
    declarations: "var<workgroup> tile: array<f32, 8>;\nfn twice(v: f32) -> f32 { return u.x * v; }",
    workgroupSize: 8,
    body: `let v = vec2f(x[min(id, u.n - 1u)], 1.0);
  tile[local] = twice(v.x);
  workgroupBarrier();
  if (id < u.n) { y[id] = tile[local] + v.y; }`,
    ...change,
  };
}

Deno.test("kernels of the same names each do their own work in one dispatch", async () => {
  const x = new Storage(device, 80), y = new Storage(device, 80), z = new Storage(device, 80);
  device.queue.upload(x, Float32Array.from({ length: 20 }, (_, i) => i));
  const one = sideBySide([
    dispatch(parts(), [x, y], [20, 2], 20),
    dispatch(parts(), [x, z], [11, () => 3], 11),
  ], 8)!;
  assertEquals([one.workgroups, one.bind.length, one.kernel.bindings], [5, 3, [
    "read",
    "read_write",
    "read_write",
  ]]);
  device.queue.run(one);
  const read = async (s: Storage) => [...new Float32Array(await device.queue.read(s, 44))];
  assertEquals(await read(y), Array.from({ length: 11 }, (_, i) => 2 * i + 1));
  assertEquals(await read(z), Array.from({ length: 11 }, (_, i) => 3 * i + 1));
  for (const s of [x, y, z]) s.release();
});

Deno.test("what goes beyond bindings, numbers or workgroup memory is not merged", () => {
  const storages = Array.from({ length: 4 }, () => new Storage(device, 80));
  const [a, b, c, d] = storages,
    many = Array.from({ length: 30 }, (_, k) => ({ name: `v${k}`, type: "u32" as const }));
  const of = (change: Partial<KernelParts>, bind: Storage[]) =>
    dispatch(parts(change), bind, many.map(() => 1), 8);
  assertEquals(sideBySide([of({}, [a, b]), of({}, [c, d])], 3), null);
  assert(sideBySide([of({}, [a, b]), of({}, [c, d])], 4));
  assertEquals(sideBySide([of({ numberDecls: many }, [a, b]), of({ numberDecls: many }, [c, d])], 4), null);
  const large = {
    declarations: "var<workgroup> tile: array<f32, 2100>;\nfn twice(v: f32) -> f32 { return v; }",
  };
  assertEquals(sideBySide([of(large, [a, b]), of(large, [c, d])], 4), null);
  for (const s of storages) s.release();
});

Deno.test("a kernel that knows its grid, or whose memory has an unknown size, stays alone", () => {
  const [x, y] = [new Storage(device, 80), new Storage(device, 80)];
  const needs = (change: Partial<KernelParts>) => needsOf(dispatch(parts(change), [x, y], [1, 1], 8));
  assertEquals(needs({}), { workgroupSize: 8, workgroupBytes: 32 });
  assertEquals(needs({ body: "y[id] = f32(nwg.x);" }), null);
  assertEquals(needs({ declarations: "struct S { a: f32 }\nvar<workgroup> tile: array<S, 8>;" }), null);
  assertEquals(needs({ declarations: "var<workgroup> one: f32;" }), null);
  for (const s of [x, y]) s.release();
});
