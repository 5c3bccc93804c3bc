// Writes the losses that Deno and PyTorch give for the page's networks, from the same weights on the same images.
// deno run -P --allow-run scripts/page/write_reference.ts
import { fromFileUrl } from "@std/path";
import { firstOf, Training } from "../../examples/browser/training.ts";
import { VARIANTS } from "../../examples/browser/networks.ts";
import { encodeSafetensors, FashionMNIST, openDevice } from "../../mod.ts";

/** The seed and the images of the reference, which the page begins with. */
const SEED = 0, IMAGES = 10_000;
const FILE = fromFileUrl(new URL("../../examples/browser/reference.json", import.meta.url));
const SCRIPT = fromFileUrl(new URL("train_page.py", import.meta.url));

/** The losses of a pass in Deno; the weights before it are written to a file. */
async function ownLosses(network: string, train: FashionMNIST, weights: string): Promise<number[]> {
  const training = new Training(
    { network, seed: SEED, lr: VARIANTS[network].lr },
    firstOf(train, IMAGES),
  );
  await Deno.writeFile(weights, await encodeSafetensors(training.net.stateDict()));
  const losses: number[] = [];
  while (training.epoch === 0) losses.push(...await training.steps(50));
  training.dispose();
  return losses;
}

async function torchLosses(network: string, weights: string): Promise<number[]> {
  const args = [SCRIPT, network, weights, `${VARIANTS[network].lr}`, `${IMAGES}`];
  const { code, stdout, stderr } = await new Deno.Command("/usr/bin/python3", { args }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(text(stderr));
  return JSON.parse(text(stdout));
}

const device = await openDevice(), train = await FashionMNIST.load({ split: "train" });
const folder = await Deno.makeTempDir(), runs: Record<string, unknown> = {};
for (const network of Object.keys(VARIANTS)) {
  const weights = `${folder}/${network}.safetensors`;
  const deno = await ownLosses(network, train, weights), torch = await torchLosses(network, weights);
  const distance = Math.max(...deno.map((loss, k) => Math.abs(loss - torch[k])));
  console.log(
    `${network}: ${deno.length} steps, from ${deno[0]} to ${deno.at(-1)}, at most ${distance} apart`,
  );
  const rounded = (losses: number[]) => losses.map((loss) => Number(loss.toPrecision(9)));
  runs[network] = { lr: VARIANTS[network].lr, deno: rounded(deno), torch: rounded(torch) };
}
await Deno.remove(folder, { recursive: true });
await Deno.writeTextFile(
  FILE,
  `${JSON.stringify({ seed: SEED, images: IMAGES, adapter: device.name, runs })}\n`,
);
