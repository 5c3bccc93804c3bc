// What an operation makes on the way is freed with its end: a script without scopes keeps its results alone.
import { assertEquals } from "@std/assert";
import { openDevice, Tensor } from "../../mod.ts";
import * as operations from "../../ops/mod.ts";
import { undisposed } from "../support/memory.ts";
import { operationCalls } from "../support/valid_calls.ts";

const device = await openDevice();

/** The tensors in a result. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(tensorsIn) : [];
}

/** What writes in place makes nothing. */
const WRITES = new Set(["set"]);

Deno.test("operations leave no more than their results", async () => {
  const found: string[] = [];
  for (const { name, call, args } of operationCalls(operations)) {
    if (WRITES.has(name)) continue;
    const given = args() as never[], before = undisposed(device);
    const results = tensorsIn(await call(...given));
    const made = new Set(results.filter((t) => !(given as unknown[]).includes(t)));
    const left = undisposed(device) - before - made.size;
    if (left > 0) found.push(`${name} leaves ${left}`);
    for (const t of made) t.dispose();
  }
  assertEquals(found, []);
});
