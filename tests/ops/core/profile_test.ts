import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { compile, ones, openDevice, profile, rand } from "../../../mod.ts";

const device = await openDevice();
const hasTimestamps = device.gpu.features.has("timestamp-query");

/** Without timestamps there is nothing but a refusal to see. */
async function refusesToProfile(): Promise<void> {
  const { message } = await assertRejects(() => profile(() => {}), Error);
  assertEquals(message, "Cannot profile as the adapter must have timestamp queries: it has none");
}

Deno.test("profile() counts and measures kernels, of plain and of compiled work", async () => {
  if (!hasTimestamps) return await refusesToProfile();
  const a = rand([96, 96]), f = compile((x: typeof a) => x.matmul(x).relu());
  f(a);
  const { rows, ms, calls } = await profile(() => {
    f(a);
    a.add(1);
  });
  assertEquals(calls, 2);
  assertEquals(rows.map((r) => r.kernel).toSorted(), ["add", "matmul"]);
  assert(rows.every((r) => r.ms > 0 && r.share > 0 && r.gbps > 0));
  assert(Math.abs(rows.reduce((sum, r) => sum + r.share, 0) - 1) < 1e-9);
  assert(Math.abs(rows.reduce((sum, r) => sum + r.ms, 0) - ms) < 1e-9);
  assert(rows.find((r) => r.kernel === "matmul")!.gflops! > 0);
});

Deno.test("a profile prints as a table with its sum", async () => {
  if (!hasTimestamps) return await refusesToProfile();
  const x = ones([8]);
  x.exp();
  const lines = String(await profile(() => x.exp())).split("\n");
  assertMatch(lines[0], /^kernel +calls +ms +share +GFLOP\/s +GB\/s$/);
  assertMatch(lines[1], /^exp +1 +\d+\.\d{3} +100\.0% +\d+\.\d$/);
  assertMatch(lines[2], /^all +1 +\d+\.\d{3}$/);
});
