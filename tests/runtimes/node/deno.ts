/**
 * The `Deno` that tests see in Node: tests are registered, and files of the repository are read. The library sees none.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { only, test } from "../registry.ts";

class NotFound extends Error {}
class NotCapable extends Error {}
class NotADirectory extends Error {}
class PermissionDenied extends Error {}

/** What of Deno is there. */
// deno-lint-ignore no-explicit-any
export const Deno: any = only({
  test,
  readFileSync: (path: string) => new Uint8Array(readFileSync(path)),
  readTextFileSync: (path: string) => readFileSync(path, "utf8"),
  statSync: (path: string) => statSync(path),
  readFile: async (path: string) => new Uint8Array(await readFile(path)),
  readTextFile: (path: string) => readFile(path, "utf8"),
  stat: async (path: string) => {
    const found = await stat(path);
    return { isFile: found.isFile(), isDirectory: found.isDirectory() };
  },
  env: only({ get: (name: string) => globalThis.process.env[name] }, "Deno.env"),
  build: { os: "node" },
  errors: { NotFound, NotCapable, NotADirectory, PermissionDenied },
}, "Deno");
