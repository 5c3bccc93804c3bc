/**
 * A network's weights as a file.
 *
 * @module
 */
import { encodeSafetensors, type nn } from "../../mod.ts";
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
