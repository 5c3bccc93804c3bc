/**
 * Which Plunge this is.
 *
 * @module
 */

/**
 * Plunge's version, as in `deno.json`.
 *
 * @example Usage
 * ```ts
 * import { VERSION } from "@plunge/plunge";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(VERSION, /^\d+\.\d+\.\d+$/);
 * ```
 */
export const VERSION = "0.1.0";
