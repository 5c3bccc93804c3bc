/**
 * What of a training is saved: its parts, each of which says where it is and can be told.
 *
 * @module
 */
import { sameShape, show } from "../../../ops/core/shape.ts";
import type { Tensor } from "../../../ops/core/tensor/tensor.ts";
import { getRngState, type RngState, setRngState } from "../../../ops/core/tensor/random.ts";
import { describe, isPlainObject } from "../../../ops/core/describe.ts";
import type { Stateful } from "../../holders.ts";
import type { Content } from "./_format.ts";

/** The names of the parts, in the order in which they are loaded: what is most easily undone comes first. */
export const PART_NAMES = ["loader", "metric", "scheduler", "optimizer", "net"] as const;

/** The parts by their names; several of a kind are an array. */
export type Parts = { readonly [K in (typeof PART_NAMES)[number]]?: Stateful | readonly Stateful[] };

/** A part, and what it is called in the file. */
interface Part {
  readonly kind: (typeof PART_NAMES)[number];
  readonly name: string;
  readonly of: Stateful;
}

function listed(parts: Parts): Part[] {
  return PART_NAMES.flatMap((kind) => {
    const given = parts[kind];
    if (given === undefined) return [];
    if (!Array.isArray(given)) return [{ kind, name: kind, of: given as Stateful }];
    return given.map((of: Stateful, k) => ({ kind, name: `${kind}.${k}`, of }));
  });
}

/** The states of the parts and of the random numbers. Call it in a scope: tensors of the states may be copies. */
export function contentOf(parts: Parts): Content {
  const all = listed(parts).reverse(); // the network first
  const kinds = Object.fromEntries(all.map(({ name, of }) => [name, of.constructor.name]));
  return {
    kinds,
    rng: getRngState(),
    ...Object.fromEntries(all.map(({ name, of }) => [name, of.stateDict()])),
  };
}

/** Says that a checkpoint is not of what it is loaded into. */
export class Misfit extends RangeError {}

/**
 * Gives the parts their states: all of them, or where one does not fit none.
 *
 * @param content What a file holds.
 * @param parts What is to go on from it.
 * @param withRng Whether random numbers go on as well.
 */
export function restore(content: Content, parts: Parts, withRng: boolean): void {
  const all = listed(parts), kinds = isPlainObject(content.kinds) ? content.kinds : {};
  for (const part of all) checkPart(part, content, kinds);
  const done: (() => void)[] = [];
  try {
    if (withRng) {
      const before = getRngState();
      done.push(() => setRngState(before));
      setRngState(content.rng as RngState);
    }
    for (const { name, kind, of } of all) {
      if (kind !== "net") { // networks fit, as was seen above
        const before = of.stateDict();
        done.push(() => of.loadStateDict(before));
      }
      of.loadStateDict(content[name]);
    }
  } catch (error) {
    for (const undo of done.reverse()) undo();
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new Misfit(`its state must be of what it is loaded into: ${error.message}`, { cause: error });
  }
}

function checkPart({ kind, name, of }: Part, content: Content, kinds: Record<string, unknown>): void {
  if (!(name in content)) {
    throw new Misfit(`it must have what is to go on from it: it has no ${name}`);
  }
  const own = of.constructor.name;
  if ((kind === "optimizer" || kind === "scheduler") && kinds[name] !== own) {
    throw new Misfit(`its ${name} must be ${own} as here: it is ${kinds[name]}`);
  }
  if (kind !== "net") return;
  const differences = compared(of.stateDict() as Tensors, content[name] as Tensors);
  if (differences.length === 0) return;
  throw new Misfit(`its tensors must be those of the network: ${shortened(differences)}`);
}

type Tensors = Readonly<Record<string, Tensor>>;

/** What differs between the tensors of a network and of a file, side by side. */
function compared(own: Tensors, saved: Tensors): string[] {
  const names = [...new Set([...Object.keys(own), ...Object.keys(saved)])];
  const shapeOf = (t: Tensor | undefined) => t ? show(t.shape) : "missing";
  return names.filter((name) => !(own[name] && saved[name] && sameShape(own[name].shape, saved[name].shape)))
    .map((name) => `${name} ${shapeOf(own[name])} here, ${shapeOf(saved[name])} in the file`);
}

/** What differs between two lists of settings, side by side. */
export function differentSettings(own: Record<string, unknown>, saved: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(own), ...Object.keys(saved)])];
  const text = (value: unknown) => value === undefined ? "missing" : JSON.stringify(value) ?? describe(value);
  return names.filter((name) => text(own[name]) !== text(saved[name]))
    .map((name) => `${name} ${text(own[name])} here, ${text(saved[name])} in the file`);
}

/** How many differences an error lists. */
const MOST_LISTED = 10;

/** Differences as a sentence. */
export function shortened(differences: readonly string[]): string {
  const more = differences.length - MOST_LISTED;
  return differences.slice(0, MOST_LISTED).join("; ") + (more > 0 ? `; and ${more} more` : "");
}
