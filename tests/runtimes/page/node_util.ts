/**
 * What `tests/std/assert` uses of `node:util`, in a page.
 *
 * @module
 */
import { NotHere } from "../registry.ts";

/** Whether two values are deeply equal, of the same kind; `Object.is` decides of numbers. */
export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) {
    return isDeepStrictEqual(new Uint8Array(a), new Uint8Array(b));
  }
  if (a instanceof Date && b instanceof Date && a.getTime() !== b.getTime()) return false;
  if (a instanceof Map && b instanceof Map) return isDeepStrictEqual([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return isDeepStrictEqual([...a], [...b]);
  if (a instanceof Error && b instanceof Error && (a.message !== b.message || a.name !== b.name)) {
    return false;
  }
  const keys = Reflect.ownKeys(a);
  return keys.length === Reflect.ownKeys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isDeepStrictEqual(Reflect.get(a, key), Reflect.get(b, key)));
}

/** A value as text. */
export function inspect(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `[Function ${value.name}]`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `[${String(value)}]`;
  if (Array.isArray(value)) return `[ ${value.slice(0, 100).map(inspect).join(", ")} ]`;
  if (value instanceof Map) return `Map ${inspect([...value])}`;
  if (value instanceof Set) return `Set ${inspect([...value])}`;
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value);
  const fields = Object.entries(value).map(([key, item]) => `${key}: ${inspect(item)}`);
  return `{ ${fields.join(", ")} }`;
}

/** Reading a command line, which a page has not. */
export function parseArgs(): never {
  throw new NotHere("a command line is not in this runtime");
}
