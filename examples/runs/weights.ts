/**
 * A network's weights as a file.
 *
 * @module
 */
import { decodeSafetensors, encodeSafetensors, loadTorch, type nn, type Tensor } from "../../mod.ts";
import { saveFile } from "./run_files.ts";

/**
 * Writes a network's weights as `lenet.safetensors`.
 *
 * @param folder Where the file goes.
 * @param net The network.
 */
export async function saveWeights(folder: string, net: nn.Module): Promise<void> {
  await saveFile(folder, "lenet.safetensors", await encodeSafetensors(net.stateDict()));
}

/**
 * Reads the network's tensors of a checkpoint, or all of a file of weights.
 *
 * @param bytes A file of safetensors, or of PyTorch's `torch.save(net.state_dict(), path)`.
 * @param key The part of PyTorch's file that has them, if not the whole.
 * @returns Tensors by name.
 */
export function decodeWeights(bytes: Uint8Array, key?: string): Record<string, Tensor> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b; // and so PyTorch's
  const tensors = isZip ? loadTorch(bytes, { key }) : decodeSafetensors(bytes);
  const own = Object.entries(tensors).filter(([name]) => name.startsWith("net."));
  return own.length === 0 ? tensors : Object.fromEntries(own.map(([name, t]) => [name.slice(4), t]));
}

/**
 * Takes weights from a file that was read; errors name it.
 *
 * @param net The network.
 * @param path The file's path.
 * @param bytes Its bytes.
 */
export function loadWeights(net: nn.Module, path: string, bytes: Uint8Array): void {
  try {
    net.loadStateDict(decodeWeights(bytes));
  } catch (error) {
    if (error instanceof Error) error.message += ` (in ${path})`;
    throw error;
  }
}
