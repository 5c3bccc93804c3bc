// Fused, planned and replayed: chains of operations give what they give one by one, gradients included.
import { AssertionError } from "@std/assert";
import { compile, openDevice, scope, type Tensor } from "../../../../mod.ts";
import { Chain } from "../../../support/chains.ts";
import { assertClose } from "../../../support/values.ts";

/** Seeds of chains that together have every link. */
const EVERY_LINK = [0, 25, 43, 125, 140, 52, 1, 143, 5, 11, 19, 84];
const MORE = [2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 20];

/** Runs a chain as written and twice compiled, and compares all that it gives. */
async function check(seed: number): Promise<void> {
  using _ = scope();
  const chain = new Chain(seed, 8), compiled = compile((...leaves: Tensor[]) => chain.run(leaves));
  const read = (ts: Tensor[]) => Promise.all(ts.map((t) => t.data()));
  const wanted = await read(chain.run(chain.leaves));
  try {
    for (let replay = 0; replay < 2; replay++) {
      const got = await read(compiled(...chain.leaves) as Tensor[]);
      wanted.forEach((want, k) => {
        assertClose(got[k], want, { atol: 1e-6 * Math.max(0, ...Array.from(want, Math.abs)) });
      });
    }
  } catch (error) {
    throw new AssertionError(`${chain.names.join(", ")}: ${(error as Error).message}`, { cause: error });
  }
  compiled.dispose();
}

for (const [kernels, seeds] of [["cpu", [...EVERY_LINK, ...MORE]], ["gpu", EVERY_LINK]] as const) {
  Deno.test(`chains of operations are the same compiled, ${kernels} kernels`, async (t) => {
    const device = await openDevice({ kernels });
    for (const seed of seeds) await t.step(`chain ${seed}`, () => check(seed));
    device.close();
  });
}
