import { assertEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../../mod.ts";

await openDevice();

Deno.test("Softmax and LogSoftmax are their operations", async () => {
  const x = tensor([-1, 0, 2]);
  assertEquals(await new nn.Softmax({ dim: 0 }).forward(x).data(), await x.softmax({ dim: 0 }).data());
  assertEquals(await new nn.LogSoftmax({ dim: 0 }).forward(x).data(), await x.logSoftmax({ dim: 0 }).data());
});
