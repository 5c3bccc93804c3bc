import { assertEquals } from "@std/assert";
import { openDevice, transforms } from "../../../mod.ts";
import { counting } from "./_images.ts";
import { undisposed } from "../../support/memory.ts";

const { compose, normalize, resize } = transforms;
const device = await openDevice();

Deno.test("compose() applies transforms in order and frees what is made on the way", async () => {
  const x = counting(2, 1, 2, 2), before = undisposed(device);
  const y = compose([resize({ size: 4 }), normalize({ mean: 1, std: 1 }), resize({ size: 1 })])(x);
  assertEquals(undisposed(device), before + 1);
  assertEquals(await y.toArray(), [[[[1.5]]], [[[1.5]]]]);
  assertEquals(compose([])(x), x);
});
