// Every operation case of the oracle: values and gradients against PyTorch.
import { assertEquals, assertGreater } from "@std/assert";
import * as plunge from "../mod.ts";
import { openDevice, scope, tensor } from "../mod.ts";
import { callOperation, type Case, differences, materialise, noise, readCases } from "./support/oracle.ts";

const known = readCases().filter((c) => c.op in plunge);

async function check(c: Case): Promise<string[]> {
  await openDevice();
  using _ = scope();
  const inputs = c.inputs.map(materialise);
  inputs.forEach((t, i) => t.requiresGrad = c.grads[i] !== null && c.grads[i] !== undefined);
  const outputs = await callOperation(plunge, c, inputs);
  if (c.gradSeed !== undefined) {
    const [y] = outputs;
    y.backward(tensor(noise(c.gradSeed, y.size), { shape: y.shape }));
  }
  const problems: string[] = [];
  assertEquals(outputs.length, c.outputs.length, "number of outputs");
  for (const [i, record] of c.outputs.entries()) {
    const found = differences(record, await outputs[i].data(), outputs[i].shape, c.tolerance);
    problems.push(...found.map((line) => `output ${i} ${line}`));
    const { dtype = "float32" } = record;
    if (outputs[i].dtype !== dtype) problems.push(`output ${i} is ${outputs[i].dtype}, expected ${dtype}`);
  }
  for (const [i, record] of c.grads.entries()) {
    if (!record) continue;
    const { grad } = inputs[i], { name } = c.inputs[i];
    if (!grad && record.values?.every((v) => v === 0)) continue; // where none flows it is 0
    if (!grad) problems.push(`no gradient for ${name}`);
    else {
      const found = differences(record, await grad.data(), grad.shape, c.tolerance);
      problems.push(...found.map((line) => `gradient of ${name} ${line}`));
    }
  }
  return problems;
}

Deno.test("the oracle has cases for the operations that there are", () => assertGreater(known.length, 100));

for (const c of known) {
  Deno.test(`${c.op}() agrees with PyTorch in ${c.id} ${JSON.stringify(c.args)}`, async () => {
    assertEquals(await check(c), []);
  });
}
