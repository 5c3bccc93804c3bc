/**
 * Keys of calls: equal for two calls that differ in nothing but which storages they work on.
 *
 * @module
 */
import { Storage } from "../gpu/storage.ts";
import type { Call } from "./call.ts";

/**
 * The key of a call.
 *
 * Of a storage it has the size and the place among `reads` and `writes`, so that calls in which other storages are the same
 * do not share it. Functions are told apart by identity.
 *
 * @returns The key, or null where the call has a function that no call had before: most of those never come again.
 * @throws {TypeError} If the data has what cannot be told apart, such as a tensor, or a storage that the call does not name.
 */
export function callKey({ name, lower, data, reads, writes }: Call): string | null {
  const storages = [...reads, ...writes], writer = new KeyWriter(name, storages);
  if (!writer.write(lower) || !writer.write(data)) return null;
  let places = "";
  for (let k = 0; k < storages.length; k++) {
    places += storages.indexOf(storages[k]!) + "x" + storages[k]!.bytes + ",";
  }
  return writer.text + places + name;
}

const functionIds = new WeakMap<object, number>();
let functions = 0;
/** Numbers of frozen objects, such as programs, and of their texts, which are kept as the kernels made of them are. */
const frozenIds = new WeakMap<object, number>(), textIds = new Map<string, number>();

/** Writes values one after the other so that no two sequences of values give the same text. It runs at every call. */
class KeyWriter {
  text = "";
  readonly name: string;
  readonly storages: readonly Storage[];

  constructor(name: string, storages: readonly Storage[]) {
    this.name = name;
    this.storages = storages;
  }

  /** Writes a value; false where a function in it is new. */
  write(value: unknown): boolean {
    if (typeof value === "object") {
      if (Array.isArray(value)) return this.list(value);
      if (value instanceof Storage) this.text += this.place(value);
      else if (value === null) this.text += "null,";
      else return Object.isFrozen(value) ? this.frozen(value) : this.record(value);
    } else if (typeof value === "number") this.text += numberText(value);
    else if (typeof value === "string") this.text += '"' + value.length + ":" + value; // no text can pass for what follows
    else if (typeof value === "boolean" || value === undefined) this.text += value + ",";
    else if (typeof value === "function") return this.function(value);
    else throw this.refusal(typeof value);
    return true;
  }

  list(items: readonly unknown[]): boolean {
    let numbers = "["; // most items are sizes and strides
    for (let k = 0; k < items.length; k++) {
      const item = items[k];
      if (typeof item === "number") numbers += numberText(item);
      else {
        this.text += numbers;
        numbers = "";
        if (!this.write(item)) return false;
      }
    }
    this.text += numbers + "]";
    return true;
  }

  record(value: object): boolean {
    if (Object.getPrototypeOf(value) !== Object.prototype) throw this.refusal(value.constructor.name);
    this.text += "{";
    for (const field in value) {
      this.text += field + ":"; // fields are identifiers
      if (!this.write((value as Record<string, unknown>)[field])) return false;
    }
    this.text += "}";
    return true;
  }

  frozen(value: object): boolean {
    let id = frozenIds.get(value);
    if (id === undefined) {
      const own = new KeyWriter(this.name, []); // a storage may not be in it
      if (!own.record(value)) return false;
      id = textIds.get(own.text) ?? textIds.size;
      textIds.set(own.text, id);
      frozenIds.set(value, id);
    }
    this.text += "t" + id + ",";
    return true;
  }

  function(value: object): boolean {
    const id = functionIds.get(value);
    if (id === undefined) {
      functionIds.set(value, functions++);
      return false;
    }
    this.text += "f" + id + ",";
    return true;
  }

  place(storage: Storage): string {
    const place = this.storages.indexOf(storage);
    if (place < 0) throw this.refusal("a storage that it neither reads nor writes");
    return "s" + place + ",";
  }

  refusal(found: string): TypeError {
    return new TypeError(
      `Cannot run ${this.name} as its data must be plain, with storages that it reads or writes: found ${found}`,
    );
  }
}

function numberText(value: number): string {
  return value === 0 && 1 / value < 0 ? "-0," : value + ",";
}
