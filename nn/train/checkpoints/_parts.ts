/**
 * What of a training is saved: its parts, each of which says where it is and can be told.
 *
 * @module
 */
import { sameShape, show } from "../../../ops/core/shape.ts";
import { Tensor } from "../../../ops/core/tensor/tensor.ts";
import { getRngState, type RngState, setRngState } from "../../../ops/core/tensor/random.ts";
import { describe, isPlainObject } from "../../../ops/core/describe.ts";
import type { Stateful } from "../../holders.ts";
import type { Content } from "./_format.ts";
import { withoutTensors } from "./_tree.ts";

/**
 * The names of the parts, in the order in which they are loaded: what is most easily undone comes first. `test` and
 * `stepScheduler` are those of `fit`, which tells a schedule of epochs from one of steps.
 */
export const PART_NAMES = [
  "loader",
  "test",
  "metric",
  "scheduler",
  "stepScheduler",
  "optimizer",
  "net",
] as const;
/** What a file holds beside the parts. */
const BESIDE = ["kinds", "rng", "settings", "extra"];
/** The parts that must be of the same class in the file and here. */
const SAME_CLASS: readonly string[] = ["loader", "test", "scheduler", "stepScheduler", "optimizer"];

/** The parts by their names; several of a kind are an array. */
export type Parts = {
  readonly [K in (typeof PART_NAMES)[number]]?: Stateful | readonly Stateful[] | undefined;
};

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

/** Refuses a file with parts that are not given here: to leave one out would be another training. */
function checkNoOthers(content: Content, parts: Parts): void {
  const given = new Set([...BESIDE, ...listed(parts).map(({ name }) => name)]);
  const others = Object.keys(content).filter((name) => !given.has(name)).map(short);
  if (others.length === 0) return;
  throw new Misfit(`it must be of what goes on from it here: ${shortened(others)} in the file, missing here`);
}

/**
 * Gives the parts their states: all of them, or where one does not fit none.
 *
 * @param content What a file holds.
 * @param parts What is to go on from it.
 * @param withRng Whether random numbers go on as well.
 * @param isWhole Whether a file is refused that has parts which are not given.
 */
export function restore(content: Content, parts: Parts, withRng: boolean, isWhole: boolean): void {
  const all = listed(parts), kinds = isPlainObject(content.kinds) ? content.kinds : {};
  for (const part of all) checkPart(part, content, kinds);
  if (isWhole) checkNoOthers(content, parts);
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
  const own = of.constructor.name, { [name]: found } = kinds, { [name]: state } = content;
  if (SAME_CLASS.includes(kind) && found !== own) {
    throw new Misfit(
      `its ${name} must be ${own} as here: it is ${
        typeof found === "string" ? short(found) : describe(found)
      }`,
    );
  }
  if (kind !== "net") return;
  if (!isPlainObject(state)) {
    throw new Misfit(`its ${name} must be of tensors by their names: it is ${describe(state)}`);
  }
  const differences = compared(of.stateDict() as Record<string, Tensor>, state);
  if (differences.length === 0) return;
  throw new Misfit(`its tensors must be those of the network: ${shortened(differences)}`);
}

/** What differs between the tensors of a network and of a file, side by side. */
function compared(own: Record<string, Tensor>, saved: Record<string, unknown>): string[] {
  const fits = (a: unknown, b: unknown) =>
    a instanceof Tensor && b instanceof Tensor && sameShape(a.shape, b.shape);
  const text = (value: unknown) =>
    value instanceof Tensor ? show(value.shape) : value === undefined ? "missing" : describe(value);
  return namesOf(own, saved).filter((name) => !fits(own[name], saved[name]))
    .map((name) => `${short(name)} ${text(own[name])} here, ${text(saved[name])} in the file`);
}

/** The names of two objects, of neither's prototype. */
function namesOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

/**
 * What differs between two lists of settings, side by side; the order of names does not matter.
 *
 * @throws {TypeError} If a setting is not of what JSON has, numbers that are not finite included.
 */
export function differentSettings(own: Record<string, unknown>, saved: Record<string, unknown>): string[] {
  checkSettings(own, "load");
  const text = (value: unknown) => value === undefined ? "missing" : settingText(value);
  return namesOf(own, saved).filter((name) => text(own[name]) !== text(saved[name]))
    .map((name) => `${short(name)} ${short(text(own[name]))} here, ${short(text(saved[name]))} in the file`);
}

/** Refuses settings that cannot be compared: they are what JSON has, without tensors. */
export function checkSettings(settings: Record<string, unknown>, does: "save" | "load"): void {
  const tensors: Record<string, Tensor> = {};
  const refuse = (path: string, found: string) =>
    new TypeError(`Cannot ${does} a checkpoint as ${path} must be what JSON has: ${found}`);
  withoutTensors(settings, "settings", tensors, refuse);
  for (const path of Object.keys(tensors)) throw refuse(path, describe(tensors[path]));
}

/** A setting as a text: the same for the same value alone. */
function settingText(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `[${value.map(settingText).join(",")}]`;
  if (!isPlainObject(value)) return JSON.stringify(value) ?? describe(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) =>
    a < b ? -1 : 1
  );
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${settingText(item)}`).join(",")}}`;
}

/** How many differences an error lists. */
const MOST_LISTED = 10;

/** Differences as a sentence. */
export function shortened(differences: readonly string[]): string {
  const more = differences.length - MOST_LISTED;
  return differences.slice(0, MOST_LISTED).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** A text of a file, as much of it as an error shows. */
function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
