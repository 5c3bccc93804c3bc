/**
 * The networks that the study's scripts train, by the names that their runs have, and finding the one that a file of weights
 * is of.
 *
 * @module
 */
import { CLOTHES } from "../data/fashion_mnist.ts";
import { DIGITS } from "../data/mnist.ts";
import { type nn, safetensorsMetadata, type Tensor } from "../mod.ts";
import { lenet as pooledLenet, POOLINGS } from "./exercise_1_pooling.ts";
import { NETWORKS as TUNED } from "./exercise_2_tune.ts";
import { improvedLenet } from "./exercise_3_mnist.ts";
import { lenet } from "./lenet.ts";
import { ModernLeNet, reluLenet } from "./modern_lenet.ts";
import { decodeWeights } from "./runs/weights.ts";

/** Every network of the study, for images of 28 by 28 pixels and ten classes. */
export const NETWORKS: Readonly<Record<string, () => nn.Module>> = {
  "LeNet": lenet,
  ...Object.fromEntries(Object.entries(POOLINGS).map(([name, pool]) => [name, () => pooledLenet(pool)])),
  ...Object.fromEntries(TUNED.map(({ name, make }) => [name, make])),
  "improved LeNet": improvedLenet,
  "residual network": () => new ModernLeNet(),
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

/**
 * Makes the network that a file of weights is of: the named one, that which the checkpoint names, or the first whose tensors
 * have the same names and sizes.
 *
 * @param bytes Weights or a checkpoint as safetensors, or a file of PyTorch.
 * @param name The network's name, where it is known.
 * @returns The network.
 * @throws {RangeError} If the tensors fit no network, or not the named one.
 */
export function trainedNetwork(bytes: Uint8Array, name?: string): TrainedNetwork {
  const tensors = decodeWeights(bytes);
  try {
    const { network, dataset } = settingsOf(bytes);
    name ??= network !== undefined && Object.hasOwn(NETWORKS, network) ? network : undefined;
    const names = name === undefined ? namesThatFit(tensors) : [name];
    if (names.length === 0) {
      throw new RangeError(
        `Cannot use the weights as they must be of a network of the study: they are ${
          Object.entries(tensors).slice(0, 3).map(([key, t]) => `${key} [${t.shape.join(", ")}]`).join(", ")
        }, …`,
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
    return { name: names[0], net, dataset, others: names.slice(1) };
  } finally {
    for (const t of Object.values(tensors)) t.dispose();
  }
}
