/**
 * The `Deno` that tests see in a page: tests are registered, and files of the repository are read from its server. The
 * library sees none.
 *
 * @module
 */
import { only, test } from "../registry.ts";

/** What is used of a page's way to ask a server and wait for the answer. */
interface Request {
  readonly status: number;
  readonly responseText: string;
  open(method: string, url: string, isAsync: boolean): void;
  overrideMimeType(type: string): void;
  send(): void;
  getResponseHeader(name: string): string | null;
}

/** Reads a file of the repository, here and now, as a worker can. */
function fetchNow(path: string | URL, method: string): Request {
  const { XMLHttpRequest } = globalThis as unknown as { XMLHttpRequest: new () => Request };
  const request = new XMLHttpRequest();
  request.open(method, `/file?path=${encodeURIComponent(pathOf(path))}`, false);
  request.overrideMimeType("text/plain; charset=x-user-defined"); // each byte a letter
  request.send();
  if (request.status !== 200) throw new NotFound(`${path} is not there`);
  return request;
}

function pathOf(path: string | URL): string {
  return path instanceof URL ? decodeURIComponent(path.pathname) : path;
}

class NotFound extends Error {
  override name = "NotFound";
}
class NotCapable extends Error {}
class NotADirectory extends Error {}
class PermissionDenied extends Error {}

function readFileSync(path: string | URL): Uint8Array<ArrayBuffer> {
  const text = fetchNow(path, "GET").responseText;
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

function readTextFileSync(path: string | URL): string {
  return new TextDecoder().decode(readFileSync(path));
}

function statSync(path: string | URL): { isFile: boolean; isDirectory: boolean } {
  const isDirectory = fetchNow(path, "HEAD").getResponseHeader("x-directory") === "yes";
  return { isFile: !isDirectory, isDirectory };
}

/** What of Deno is there. */
// deno-lint-ignore no-explicit-any
export const Deno: any = only({
  test,
  readFileSync,
  readTextFileSync,
  statSync,
  readFile: (path: string) => Promise.resolve().then(() => readFileSync(path)),
  readTextFile: (path: string) => Promise.resolve().then(() => readTextFileSync(path)),
  stat: (path: string) => Promise.resolve().then(() => statSync(path)),
  env: only({ get: () => undefined }, "Deno.env"),
  build: { os: "page" },
  errors: { NotFound, NotCapable, NotADirectory, PermissionDenied },
}, "Deno");
