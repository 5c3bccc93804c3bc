/**
 * What a convolution takes as padding.
 *
 * @module
 */
import { either, type Kind, oneOf, wholeOrTwo, worded } from "../core/kinds.ts";

/** Padding of a convolution. */
export const PADDING: Kind = worded(
  'a whole number from 0 up, two of them, "same" or "valid"',
  either(wholeOrTwo(0), oneOf("same", "valid")),
);
