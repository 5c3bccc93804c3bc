/**
 * What adaptive pooling makes of images.
 *
 * @module
 */
import { either, type Kind, listOf, nullable, whole, worded } from "../core/kinds.ts";

/** Height and width that adaptive pooling gives. */
export const ADAPTIVE_SIZE: Kind = worded(
  "a whole number from 0 up or null, or two",
  either(nullable(whole(0)), listOf(nullable(whole(0)), "them", 2)),
);
