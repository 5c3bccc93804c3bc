/**
 * The networks that the study's scripts train, by the names that their runs have, and finding the one that a file of weights
 * is of.
 *
 * @module
 */
import { dirname } from "node:path";
import { CLOTHES } from "../data/fashion_mnist.ts";
import { DIGITS } from "../data/mnist.ts";
import { type nn, safetensorsMetadata, type Tensor } from "../mod.ts";
import { lenet as pooledLenet, POOLINGS } from "./exercise_1_pooling.ts";
import { NETWORKS as TUNED } from "./exercise_2_tune.ts";
import { improvedLenet } from "./exercise_3_mnist.ts";
import { lenet } from "./lenet.ts";
import { ModernLeNet, reluLenet, ResNet20 } from "./modern_lenet.ts";
import { readRunInfo } from "./runs/runs.ts";
import { decodeWeights } from "./runs/weights.ts";
import { readFile } from "./study/inputs.ts";
import { refusal, refusing } from "./terminal/refusal.ts";

/** Every network of the study, for images of 28 by 28 pixels and ten classes. */
export const NETWORKS: Readonly<Record<string, () => nn.Module>> = {
  "LeNet": lenet,
  ...Object.fromEntries(Object.entries(POOLINGS).map(([name, pool]) => [name, () => pooledLenet(pool)])),
  ...Object.fromEntries(TUNED.map(({ name, make }) => [name, make])),
  "improved LeNet": improvedLenet,
  "residual network": () => new ModernLeNet(),
  "residual network of 20 layers": () => new ResNet20(),
  "LeNet with ReLU and max pooling": reluLenet,
};

/** The classes of the data sets, by the names that scripts have for them. */
export const CLASSES: Readonly<Record<string, readonly string[]>> = {
  "fashion-mnist": CLOTHES,
  mnist: DIGITS,
};

/** A network that was trained. */
export interface TrainedNetwork {
  /** Its name in {@linkcode NETWORKS}. */
  readonly name: string;
  /** The network with its weights, ready to be asked. */
  readonly net: nn.Module;
  /** What it was trained on, where the file says so. */
  readonly dataset?: string;
  /** Other networks whose tensors have the same names and sizes, where the file does not tell which it is of. */
  readonly others: readonly string[];
}

/** What a checkpoint says of its run. */
function settingsOf(bytes: Uint8Array): { network?: string; dataset?: string } {
  if (bytes[0] === 0x50) return {}; // a zip archive, as PyTorch writes
  const { "plunge.state": state } = safetensorsMetadata(bytes);
  return state === undefined
    ? {}
    : (JSON.parse(state) as { settings?: Record<string, string> }).settings ?? {};
}

/** Names and sizes of tensors; the counts of batches are left out, as some files are without them. */
function signatureOf(tensors: Readonly<Record<string, Tensor>>): string {
  const own = Object.entries(tensors).filter(([name]) => !name.endsWith("num_batches_tracked"));
  return own.map(([name, t]) => `${name} [${t.shape}]`).sort().join();
}

/** What tells the networks apart: their tensors, and how they print. They are made once to find out. */
const known = new Map<string, { signature: string; printed: string }>();

function describeNetwork(name: string): { signature: string; printed: string } {
  const before = known.get(name);
  if (before) return before;
  const net = NETWORKS[name](), found = { signature: signatureOf(net.stateDict()), printed: `${net}` };
  net.dispose();
  known.set(name, found);
  return found;
}

/** The names of the networks that tensors are of, one for each network. */
function namesThatFit(tensors: Readonly<Record<string, Tensor>>): string[] {
  const wanted = signatureOf(tensors), fitting = new Map<string, string>(); // by how they print: some have several names
  for (const name of Object.keys(NETWORKS)) {
    const { signature, printed } = describeNetwork(name);
    if (signature === wanted && !fitting.has(printed)) fitting.set(printed, name);
  }
  return [...fitting.values()];
}

/** What is known of a file of weights. */
export interface WeightsOptions {
  /** The network's name. */
  readonly network?: string;
  /** The part of PyTorch's file that has the weights, if not the whole. */
  readonly key?: string;
}

/**
 * Makes the network that a file of weights is of: the named one, that which the checkpoint names, or the first whose tensors
 * have the same names and sizes.
 *
 * @param bytes Weights or a checkpoint as safetensors, or a file of PyTorch.
 * @param options What is known of it.
 * @returns The network.
 * @throws {RangeError} If the tensors fit no network, or not the named one.
 */
export function trainedNetwork(bytes: Uint8Array, options: WeightsOptions = {}): TrainedNetwork {
  const tensors = decodeWeights(bytes, options.key);
  try {
    const settings = settingsOf(bytes),
      isKnown = (name?: string) => name !== undefined && Object.hasOwn(NETWORKS, name);
    const named = [options.network, settings.network].find(isKnown);
    const names = named === undefined ? namesThatFit(tensors) : [named];
    if (names.length === 0) {
      const some = Object.entries(tensors).slice(0, 3).map(([key, t]) => `${key} [${t.shape.join(", ")}]`);
      throw new RangeError(
        `Cannot use the weights as they must be of a network of the study: they are ${some.join(", ")}, …`,
      );
    }
    const net = NETWORKS[names[0]]();
    try {
      net.loadStateDict(tensors);
    } catch (error) {
      net.dispose();
      throw error;
    }
    net.eval();
    return { name: names[0], net, dataset: settings.dataset, others: names.slice(1) };
  } finally {
    for (const t of Object.values(tensors)) t.dispose();
  }
}

/** The options of a script that uses trained weights, for `options()`. */
export const WEIGHTS_OPTIONS = {
  weights: { help: "weights or a checkpoint (.safetensors), or PyTorch's (.pt, .pth)" },
  network: { help: "whose weights they are, where the run does not say", choices: Object.keys(NETWORKS) },
  dataset: { help: "whose classes they are, where the run does not say", choices: Object.keys(CLASSES) },
  key: { help: "the part of PyTorch's file that has them, such as model" },
} as const;

/** What {@linkcode WEIGHTS_OPTIONS} give. */
export interface WeightsArgs extends WeightsOptions {
  readonly weights?: string;
  readonly dataset?: string;
}

/**
 * Makes the network that the options name, and tells its data set; the `run.json` beside the weights tells what they do not.
 *
 * @returns The network. Rejects with an error that says what is wrong with the options or the file.
 */
export async function openWeights(
  { weights, network, dataset, key }: WeightsArgs,
): Promise<TrainedNetwork & { readonly dataset: string }> {
  if (weights === undefined) {
    throw refusal(
      new RangeError("Cannot do without --weights as a trained network must be given: there is none"),
    );
  }
  const bytes = await readFile("weights", weights);
  const run = await readRunInfo(dirname(weights)).catch(() => undefined); // another program's file is none
  const trained = await refusing(() => trainedNetwork(bytes, { network: network ?? run?.network, key }));
  const told = dataset ?? trained.dataset ?? `${run?.settings.dataset ?? ""}`;
  return { ...trained, dataset: Object.hasOwn(CLASSES, told) ? told : "fashion-mnist" };
}
