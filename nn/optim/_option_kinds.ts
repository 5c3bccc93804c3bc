/**
 * The kinds of an optimiser's options.
 *
 * @module
 */
import "../../ops/methods.ts";
import type { OptionKinds } from "../../ops/core/signature.ts";
import { BOOLEAN, FINITE, type Kind, listOf } from "../../ops/core/kinds.ts";

/** The kinds of options that have these values where they are not given: numbers, pairs of numbers, true or false. */
export function kindsLike<Options extends object>(defaults: Required<Options>): OptionKinds<Options> {
  const kindOf = (value: unknown): Kind =>
    typeof value === "boolean"
      ? BOOLEAN
      : Array.isArray(value)
      ? listOf(FINITE, "numbers", value.length)
      : FINITE;
  const kinds = Object.entries(defaults).map(([name, value]) => [name, kindOf(value)]);
  return Object.fromEntries(kinds) as OptionKinds<Options>;
}
