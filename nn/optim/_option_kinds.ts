/**
 * The kinds of an optimiser's options.
 *
 * @module
 */
import "../../ops/methods.ts";
import { BOOLEAN, type Kind, listOf, NUMBER, type OptionKinds } from "../../ops/core/signature.ts";

/** The kinds of options that have these values where they are not given: numbers, pairs of numbers, true or false. */
export function kindsLike<Options extends object>(defaults: Required<Options>): OptionKinds<Options> {
  const kindOf = (value: unknown): Kind =>
    typeof value === "boolean"
      ? BOOLEAN
      : Array.isArray(value)
      ? listOf(NUMBER, "numbers", value.length)
      : NUMBER;
  const kinds = Object.entries(defaults).map(([name, value]) => [name, kindOf(value)]);
  return Object.fromEntries(kinds) as OptionKinds<Options>;
}
