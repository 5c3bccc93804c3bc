/**
 * The server of a run: it hands out modules, files of the repository, Fashion-MNIST and work, and takes what came of it.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { FashionMNIST } from "../../mod.ts";
import { ROOT } from "../support/subprocess.ts";
import type { TestOutcome } from "./registry.ts";

/** What came of a module of tests. */
export interface ModuleResult {
  readonly file: string;
  readonly outcomes: readonly TestOutcome[];
  /** Why it was not loaded, or did not end. */
  readonly failure?: string;
}

/** What a page is to do. */
export interface Work {
  /** Modules that are left to be run, which the page takes one after the other. */
  readonly files: string[];
  /** Seconds that each may take. */
  readonly seconds: number;
  /** Takes what came of one. */
  done(result: ModuleResult): void;
  /** Called when the page has nothing left. */
  end(): void;
}

const PAGE = '<!doctype html><meta charset="utf-8"><title>tests</title>' +
  '<script type="module" src="/build/tests/runtimes/page/main.js"></script>';
const TYPES: Record<string, string> = { html: "text/html; charset=utf-8", js: "text/javascript" };

/** Folders whose files tests may read. */
const READABLE = [ROOT, fromFileUrl(new URL("../../../shared/", import.meta.url))];

const splits = new Map<string, Promise<FashionMNIST>>();

/** A file of Fashion-MNIST, not packed. */
async function dataFile(name: string): Promise<Response> {
  const split = name.startsWith("train") ? "train" : "test";
  if (!splits.has(split)) splits.set(split, FashionMNIST.load({ split }));
  const { images, labels } = await splits.get(split)!,
    { shape, data } = /images/.test(name) ? images : labels;
  const header = new Uint8Array(4 + 4 * shape.length), view = new DataView(header.buffer);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, d) => view.setUint32(4 + 4 * d, size));
  return new Response(new Blob([header, data as Uint8Array<ArrayBuffer>]));
}

/** A file of the repository, or that it is a folder. */
async function repositoryFile(path: string): Promise<Response> {
  if (path.includes("..") || !READABLE.some((folder) => path.startsWith(folder))) {
    return new Response(null, { status: 404 });
  }
  const found = await Deno.stat(path).catch(() => null);
  if (!found) return new Response(null, { status: 404 });
  if (found.isDirectory) return new Response(null, { headers: { "x-directory": "yes" } });
  return new Response(await Deno.readFile(path));
}

/**
 * Starts the server.
 *
 * @param folder Where the modules are.
 * @param work What a page that is opened is to do.
 */
export function serveTests(folder: string, work: Work): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") return new Response(PAGE, { headers: { "content-type": TYPES.html } });
    if (pathname === "/file") return await repositoryFile(searchParams.get("path") ?? "");
    if (pathname.startsWith("/data/")) return await dataFile(pathname.slice(6));
    if (pathname === "/next") return Response.json({ file: work.files.shift(), seconds: work.seconds });
    if (pathname === "/done") work.done(await request.json());
    else if (pathname === "/end") work.end();
    else if (/^\/build\/[\w./-]+\.js$/.test(pathname) && !pathname.includes("..")) {
      const bytes = await Deno.readFile(join(folder, pathname.slice(7))).catch(() => null);
      return new Response(bytes, {
        status: bytes ? 200 : 404,
        headers: { "content-type": TYPES.js, "cache-control": "max-age=3600" },
      });
    } else return new Response(null, { status: 404 });
    return new Response(null);
  });
}
