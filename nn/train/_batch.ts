/**
 * What training goes through.
 *
 * @module
 */
import "../../ops/methods.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { type Kind, kind } from "../../ops/core/kinds.ts";

/** Inputs and labels. */
export const BATCH: Kind = kind(
  "a pair of tensors",
  "[x, y]",
  (v) => Array.isArray(v) && v[0] instanceof Tensor && v[1] instanceof Tensor,
);

/** Batches that know how many they are. */
export const BATCHES: Kind = kind(
  "a DataLoader, or another iterable of batches with a length",
  "loader",
  (v) =>
    typeof v === "object" && v !== null && Symbol.iterator in v && "length" in v &&
    Number.isSafeInteger(v.length) && (v.length as number) >= 0,
);
