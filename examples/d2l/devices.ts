/**
 * The book's ways to the GPU.
 *
 * @module
 */
import { type Device, openDevice } from "../../mod.ts";
import { refusing } from "../terminal/refusal.ts";

/** The GPU. There is no other device to fall back to: an adapter that runs on the CPU is one too. */
export async function tryGpu(): Promise<Device> {
  return await refusing(() => openDevice());
}

/** All GPUs there are to use, which is one: WebGPU offers no list of them. */
export async function tryAllGpus(): Promise<Device[]> {
  return [await tryGpu()];
}
