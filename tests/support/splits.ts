/**
 * The splits of Fashion-MNIST; a page and Node have a module of their own in its place.
 *
 * @module
 */
import { FashionMNIST } from "../../mod.ts";

/** Loads a split. */
export function loadSplit(split: "train" | "test"): Promise<FashionMNIST> {
  return FashionMNIST.load({ split });
}
