/**
 * Where in a step a call is made: in which layer, and in the forward pass, the pass back or an optimiser's step.
 *
 * It is noted while a step is captured, as the plan of the step outlives what is known then, and while somebody profiles.
 * Otherwise layers, passes back and optimisers ask once whether it is, and nothing more.
 *
 * @module
 */
import type { Phase, Purpose } from "../gpu/kernel.ts";
import { currentRecorder } from "./recorder.ts";

/** Gives the innermost of layers that lie within one another, the outermost first, a name. */
export type NameLayer = (layers: readonly object[]) => string;

/** A place in a step. Its layer's name is looked up when somebody asks. */
export class Place implements Purpose {
  /** Which part of a step it is in. */
  readonly phase: Phase;
  readonly #layers: readonly object[];
  readonly #name: NameLayer;
  #layer: string | null = null;

  /** Makes a place within layers, the outermost first. */
  constructor(phase: Phase, layers: readonly object[], name: NameLayer) {
    this.phase = phase;
    this.#layers = layers;
    this.#name = name;
  }

  /** Path and class of the layer, such as `features.0 (Conv2d)`; "" outside of all. */
  get layer(): string {
    return this.#layer ??= this.#name(this.#layers);
  }

  /** The place within one more layer. */
  within(layer: object, name: NameLayer): Place {
    const phase = this.phase === "other" ? "forward" : this.phase; // what is computed again in a pass back belongs to it
    return new Place(phase, [...this.#layers, layer], name);
  }

  /** The same layer in another part of the step. */
  during(phase: Phase): Place {
    return new Place(phase, this.#layers, this.#name);
  }
}

const OUTSIDE = new Place("other", [], () => "");

let current = OUTSIDE;
let profiles = 0;
/** Where the calls of captured steps were made. */
const placeOfCall = new WeakMap<object, Place>();

/** Whether it is noted where calls are made. */
export function isNoted(): boolean {
  return profiles > 0 || currentRecorder() !== null;
}

/** Where we are; null where it is not noted. */
export function currentPlace(): Place | null {
  return isNoted() ? current : null;
}

/** Runs `fn` in a layer. */
export function inLayer<T>(layer: object, name: NameLayer, fn: () => T): T {
  return isNoted() ? at(current.within(layer, name), fn) : fn();
}

/** Runs `fn`, the pass back through what was recorded at a place; null where that is not known. */
export function inBackward<T>(place: Place | null, fn: () => T): T {
  return isNoted() ? at((place ?? OUTSIDE).during("backward"), fn) : fn();
}

/** Runs `fn`, the step of an optimiser. */
export function inOptimizer<T>(name: string, fn: () => T): T {
  return isNoted() ? at(new Place("optimizer", [], () => name), fn) : fn();
}

function at<T>(place: Place, fn: () => T): T {
  const outer = current;
  current = place;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** Notes where a captured call was made. */
export function notePlace(call: object): void {
  placeOfCall.set(call, current);
}

/** Where captured calls were made, each place once. */
export function placesOf(calls: readonly object[]): Place[] {
  const places = calls.map((call) => placeOfCall.get(call) ?? OUTSIDE);
  const known = places.filter((place) => place !== OUTSIDE);
  return [...new Set(known.length > 0 ? known : places)];
}

/** Runs `fn`, which may be async, with the places of its calls noted. */
export async function noted<T>(fn: () => T | Promise<T>): Promise<T> {
  profiles++;
  try {
    return await fn();
  } finally {
    profiles--;
  }
}
