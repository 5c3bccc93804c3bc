/**
 * Deep equality as `@std/assert` understands it: `0` equals `-0` and every NaN equals every other, also inside
 * arrays and typed arrays, where `node:util` compares bytes.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";

type Indexed = ArrayLike<unknown>;

/** Tells whether two values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if ((a.constructor ?? Object) !== (b.constructor ?? Object)) return false;
  if (isIndexed(a) && isIndexed(b)) {
    return a.length === b.length && Array.from(a).every((value, i) => equal(value, b[i]));
  }
  if (isPlain(a) && isPlain(b)) {
    const keys = Reflect.ownKeys(a);
    return keys.length === Reflect.ownKeys(b).length &&
      keys.every((key) => key in b && equal(Reflect.get(a, key), Reflect.get(b, key)));
  }
  return isDeepStrictEqual(a, b);
}

function isIndexed(value: object): value is Indexed {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

function isPlain(value: object): boolean {
  return (value.constructor ?? Object) === Object;
}
