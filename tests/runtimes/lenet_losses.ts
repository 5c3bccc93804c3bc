/**
 * The losses of 100 steps of the study's LeNet, from the weights and on the images of a run of PyTorch's.
 *
 * @module
 */
import { compile, crossEntropy, DataLoader, openDevice, optim, scope, type Tensor } from "../../mod.ts";
import { type Arch, build, firstImages } from "../support/networks.ts";
import { type InputSpec, materialise, readOracle } from "../support/oracle.ts";

/** What the oracle tells of the run. */
export interface LenetRun {
  readonly id: string;
  readonly arch: Arch;
  readonly init: readonly InputSpec[];
  readonly args: { readonly lr: number };
  readonly batch: number;
  readonly steps: number;
  /** PyTorch's losses, and how far float32 may lie from each. */
  readonly losses: readonly number[];
  readonly lossAtol: readonly number[];
}

/** The run of PyTorch's. */
export function lenetRun(): LenetRun {
  const { models } = readOracle<{ models: LenetRun[] }>("trajectories.json");
  return models.find(({ id }) => id === "lenet-sigmoid-avgpool")!;
}

/** Trains as PyTorch did, by a captured step; the adapter's name comes with the losses. */
export async function lenetLosses(): Promise<{ device: string; losses: number[] }> {
  const { name } = await openDevice(), run = lenetRun();
  const net = build(run.arch);
  net.loadStateDict(Object.fromEntries(run.init.map((spec) => [spec.name, materialise(spec)])));
  const opt = new optim.SGD(net.parameters(), run.args);
  const step = compile((x: Tensor, y: Tensor) => {
    opt.zeroGrad();
    const loss = crossEntropy(net.forward(x), y);
    loss.backward();
    opt.step();
    return loss;
  });
  const images = await firstImages("train", run.batch * run.steps), losses: Promise<number>[] = [];
  for (const [x, y] of new DataLoader(images, { batchSize: run.batch })) {
    using _ = scope();
    losses.push(step(x, y).item());
  }
  return { device: name, losses: await Promise.all(losses) };
}
