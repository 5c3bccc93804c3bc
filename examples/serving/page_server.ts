/**
 * Serves the page of `examples/browser/` from the sources: types are taken out as a module is asked for, and the images are
 * those that the study's scripts train on. Nothing is built.
 *
 * @module
 */
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { FashionMNIST } from "../../mod.ts";
import { refusal } from "../terminal/refusal.ts";

/** Where the sources are; a page is served from files. */
const SOURCES = new URL("../..", import.meta.url);
/** Where the page is. */
const PAGE = "examples/browser/";
/** What may be asked for: the page's files and the library's modules. */
const SERVED = /^(examples\/browser\/[\w.-]*|mod\.js|mod\.ts|(ops|nn|data)\/[\w/]+\.ts)$/;
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
};

/** How the page is served. */
export interface PageOptions {
  /** A folder to look for the images in first. */
  readonly root?: string;
}

/** Modules without their types, as long as their files stay as they are. */
const stripped = new Map<string, { readonly at: number; readonly code: string }>();

/** The text of a module without its types. */
async function codeOf(path: string): Promise<string> {
  const at = (await Deno.stat(path)).mtime?.getTime() ?? 0, before = stripped.get(path);
  if (before?.at === at) return before.code;
  const code = stripTypeScriptTypes(await Deno.readTextFile(path));
  stripped.set(path, { at, code });
  return code;
}

/** A file as it is, or a module that the page knows by the name that it has when built. */
async function fileOf(root: string, path: string): Promise<Response> {
  const found = await Deno.stat(root + path).then(({ isFile }) => isFile, () => false);
  const source = found ? path : path.replace(/\.js$/, ".ts"), extension = path.split(".").at(-1)!;
  const headers = { "content-type": TYPES[extension] ?? TYPES.js, "cache-control": "no-cache" };
  try {
    const body = source.endsWith(".ts") ? await codeOf(root + source) : await Deno.readFile(root + source);
    return new Response(body, { headers });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return notFound();
    throw error;
  }
}

const notFound = () => new Response("there is no such file", { status: 404 });

/** The bytes of a file of Fashion-MNIST, not packed: `train-images-idx3-ubyte` and its like. */
export function idxFile(split: FashionMNIST, name: string): Uint8Array<ArrayBuffer> {
  const { shape, data } = /images/.test(name) ? split.images : split.labels;
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length), view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((size, d) => view.setUint32(4 + 4 * d, size));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

/** Makes what answers the page's requests. */
export function pageHandler({ root }: PageOptions = {}): (request: Request) => Promise<Response> {
  if (SOURCES.protocol !== "file:") {
    throw refusal(
      new Error(`Cannot serve the page as its sources must be files: they are at ${SOURCES.href}`),
    );
  }
  const sources = fileURLToPath(SOURCES), splits = new Map<string, Promise<FashionMNIST>>();
  const dataFile = async (name: string) => {
    const split = name.startsWith("train") ? "train" : "test";
    if (!splits.has(split)) splits.set(split, FashionMNIST.load({ split, root }));
    return new Response(idxFile(await splits.get(split)!, name));
  };
  return async (request) => {
    const { pathname, origin } = new URL(request.url), path = pathname.slice(1);
    if (path === "") return Response.redirect(`${origin}/${PAGE}`);
    if (path === PAGE) return await fileOf(sources, `${PAGE}index.html`);
    const data = /^examples\/browser\/data\/((train|t10k)-(images-idx3|labels-idx1)-ubyte)\.gz$/.exec(path);
    if (data) return await dataFile(data[1]);
    return SERVED.test(path) ? await fileOf(sources, path) : notFound();
  };
}
