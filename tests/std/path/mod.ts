/**
 * Stands in for `@std/path` where its registry is out of reach: the same names on `node:path` and `node:url`.
 *
 * @module
 */
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Joins path segments and normalises the result. */
export function join(...paths: string[]): string {
  return path.join(...paths);
}

/** Resolves path segments, from right to left, to an absolute path. */
export function resolve(...paths: string[]): string {
  return path.resolve(...paths);
}

/** Returns the path that leads from one path to another. */
export function relative(from: string, to: string): string {
  return path.relative(from, to);
}

/** Returns the folder part of a path. */
export function dirname(path_: string): string {
  return path.dirname(path_);
}

/** Returns the last part of a path, without `suffix` when it ends so. */
export function basename(path_: string, suffix?: string): string {
  return path.basename(path_, suffix);
}

/** Turns a `file:` URL into a path. */
export function fromFileUrl(url: string | URL): string {
  return fileURLToPath(url);
}

/** Turns an absolute path into a `file:` URL. */
export function toFileUrl(path: string): URL {
  return pathToFileURL(path);
}
