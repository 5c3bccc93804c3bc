/**
 * Serving the library's modules, as somebody's web server would.
 *
 * @module
 */
import { ROOT } from "./subprocess.ts";

/** A server of modules. */
export interface SourceServer extends AsyncDisposable {
  /** Such as `127.0.0.1:1234`. */
  readonly host: string;
  /** Such as `http://127.0.0.1:1234`. */
  readonly origin: string;
}

/** Serves the modules whose paths match, and nothing else. */
export function servingSources(paths: RegExp): SourceServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const body = paths.test(pathname)
      ? await Deno.readTextFile(ROOT + pathname.slice(1)).catch(() => null)
      : null;
    const headers = { "content-type": "application/typescript" };
    return body === null ? new Response(null, { status: 404 }) : new Response(body, { headers });
  });
  const host = `127.0.0.1:${(server.addr as Deno.NetAddr).port}`;
  return { host, origin: `http://${host}`, [Symbol.asyncDispose]: () => server.shutdown() };
}
