/**
 * Tiles that were measured on the adapter at hand. The families that choose a tile look here first.
 *
 * A family describes each choice it makes: what it takes, what else it could take, best first, and how a tuner can make
 * and check the kernels. Only tiles that the family itself offers are ever used, wherever they come from.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import type { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import { perOwner } from "./memo.ts";
import type { Epilogue, FusedPooling } from "./wgsl/epilogue.ts";

/** Images of the small batch on which kernels are checked. */
export const SMALL_BATCH = 3;

/** A choice of a tile, by the family that makes it. A tile is an object of numbers and words. */
export interface Choice<Tile extends object = object> {
  /** What is computed, for people. */
  readonly name: string;
  readonly device: Device;
  readonly family: "convolution" | "weight gradient" | "matmul";
  /** What the choice depends on. */
  readonly key: string;
  /** What changes from batch to batch, where the choice depends on it: a tile serves sizes up to the one it was made for. */
  readonly size: number;
  /** What is taken where nothing was measured. */
  readonly estimate: Tile;
  /** What may be taken, by the estimate's order. */
  offers(): readonly Tile[];
  /** Whether a tile, of whatever origin, makes right kernels. */
  allows(tile: Tile): boolean;
  /** The work itself, or with a small and odd batch. */
  problem(batch: "whole" | "small"): Problem<Tile>;
}

/** Work that can be done with any tile. Its numbers do not change, so that making and running it has no effect elsewhere. */
export interface Problem<Tile extends object = object> {
  work(tile: Tile): Work;
  readonly outputs: readonly Output[];
}

/** What is computed: each element is a sum of products, to which an epilogue and a pooling may be applied. */
export interface Output {
  readonly storage: Storage;
  readonly count: number;
  /** Products in a sum, at most. */
  readonly terms: number;
  /** Element `i` before the epilogue, in float64, from what the storages hold. */
  sum(i: number, read: (storage: Storage) => Float32Array): Sum;
  readonly epilogue?: Epilogue | undefined;
  readonly pooling?: FusedPooling & { readonly height: number; readonly width: number } | undefined;
}

/** A sum, and that of its terms' magnitudes, to which its rounding error is in proportion. */
export interface Sum {
  value: number;
  magnitude: number;
}

/** A tile that was measured. */
export interface Measured {
  readonly family: string;
  readonly key: string;
  readonly size: number;
  readonly tile: object;
}

/** The measured tiles of a device. */
export class Tuning {
  /** Grows when choices may turn out otherwise: what was made by them must be made anew. */
  generation = 0;
  /** Called with every choice and the tile that was chosen. */
  listener: ((choice: Choice, tile: object) => void) | null = null;
  readonly #measured = new Map<string, Measured[]>();

  /** All of them. */
  get tiles(): Measured[] {
    return [...this.#measured.values()].flat();
  }

  /** Adds tiles. They replace those that were measured for the same. */
  add(tiles: readonly Measured[]): void {
    for (const one of tiles) {
      const others = this.#known(one).filter((m) => m.size !== one.size);
      this.#measured.set(place(one), [...others, one].sort((a, b) => a.size - b.size));
    }
    this.generation++;
  }

  /** Forgets all tiles. */
  clear(): void {
    this.#measured.clear();
    this.generation++;
  }

  /** What was measured for a choice, if anything was. */
  find(choice: { family: string; key: string; size: number }): Measured | undefined {
    return this.#known(choice).find((m) => m.size >= choice.size);
  }

  #known(choice: { family: string; key: string }): readonly Measured[] {
    return this.#measured.get(place(choice)) ?? [];
  }
}

function place({ family, key }: { family: string; key: string }): string {
  return `${family} ${key}`;
}

/** The measured tiles of a device. */
export const tuningOf: (device: Device) => Tuning = perOwner(() => new Tuning());

/** Takes the measured tile, or what the estimate says. */
export function choose<Tile extends object>(choice: Choice<Tile>): Tile {
  const tuning = tuningOf(choice.device), found = tuning.find(choice)?.tile as Tile | undefined;
  const tile = found && choice.allows(found) ? found : choice.estimate;
  tuning.listener?.(choice, tile);
  return tile;
}

/** Whether two tiles are equal. */
export function sameTile(a: object, b: object): boolean {
  const own = Object.entries(a), others = new Map(Object.entries(b));
  return own.length === others.size && own.every(([name, value]) => others.get(name) === value);
}

/** An epilogue whose numbers do not change: asking for a learning rate or a seed may draw the next one. */
export function withConstantNumbers(epilogue: Epilogue): Epilogue {
  if (epilogue.numbers.length === 0) return epilogue;
  return { ...epilogue, numbers: epilogue.numbers.map((n) => typeof n === "number" ? n : 1) };
}

/** Tiles that are kept of a ranking. */
const MOST_RANKED = 24;

/** The cheapest tiles, the best first; those of infinite cost are left out. */
export function cheapest<T>(tiles: Iterable<T>, cost: (tile: T) => number): T[] {
  return [...tiles].map((tile) => ({ tile, cost: cost(tile) })).filter((t) => t.cost < Infinity)
    .sort((a, b) => a.cost - b.cost).slice(0, MOST_RANKED).map((t) => t.tile);
}
