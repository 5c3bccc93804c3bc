/**
 * The splits of Fashion-MNIST in a page and in Node: fetched from the server that the runner has.
 *
 * @module
 */
import { FashionMNIST } from "../../mod.ts";

/** Loads a split. */
export async function loadSplit(split: "train" | "test"): Promise<FashionMNIST> {
  const server = globalThis.process?.env.PLUNGE_SERVER ?? "";
  const start = `${server}/data/${split === "train" ? "train" : "t10k"}`;
  return await FashionMNIST.fromFiles({
    images: await fetch(`${start}-images-idx3-ubyte`),
    labels: await fetch(`${start}-labels-idx1-ubyte`),
  });
}
