/**
 * Values in a few words, as errors show them.
 *
 * @module
 */

/** Whether a value is an object as written in braces: no array, tensor, map or other instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  try {
    return isPlain(value);
  } catch {
    return false; // a proxy whose trap throws
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a function is a class, which cannot be called: its prototype cannot be replaced. */
export function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

/** Letters of a value that an error shows. */
const MOST_SHOWN = 60;

/** A value in a few words, for errors. It never throws, whatever the value is. */
export function describe(value: unknown): string {
  try {
    const text = describeWhole(value);
    return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
  } catch {
    return "an object that cannot be shown";
  }
}

function describeWhole(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return isClass(value) ? "a class" : "a function";
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) {
    const shown = Array.from(value.slice(0, 8), (v) => Array.isArray(v) ? "[…]" : describe(v));
    return `[${shown.join(", ")}${value.length > 8 ? ", …" : ""}]`;
  }
  if (isPlain(value)) return `{ ${Object.keys(value).slice(0, 8).join(", ")} }`;
  const name = value.constructor?.name || "object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}
