/**
 * Where a page is served.
 *
 * @module
 */
import type { Hub } from "./hub.ts";

/** The port that is tried first where none is named. */
const USUAL_PORT = 8000;

/** Where to listen. */
export interface Place {
  /** The port; 0 for the usual one, or any that is free. */
  readonly port: number;
  /** The address. */
  readonly host: string;
}

/** A server that listens. */
export interface Opened {
  readonly server: Deno.HttpServer<Deno.NetAddr>;
  /** What to open in a browser. */
  readonly url: string;
}

/**
 * Begins to serve.
 *
 * @param place Where.
 * @param makeHub Makes what answers, told whether only this machine reaches it.
 * @returns The server.
 * @throws {Error} If the place is taken, or not allowed.
 */
export function serveOn({ port, host }: Place, makeHub: (isLocal: boolean) => Hub): Opened {
  const hub = makeHub(/^(127\.|localhost$|::1$)/.test(host));
  const listen = (port: number) =>
    Deno.serve({ hostname: host, port, onListen: () => {} }, (request) => hub.handle(request));
  try {
    const server = port > 0 ? listen(port) : usualOrFree(listen);
    const name = host.includes(":") ? `[${host}]` : host;
    return { server, url: `http://${name}:${server.addr.port}/` };
  } catch (error) {
    hub.close();
    throw new Error(
      `Cannot serve as ${host}:${port} must be free and allowed: ${
        error instanceof Error ? error.message : error
      }`,
    );
  }
}

function usualOrFree<T>(listen: (port: number) => T): T {
  try {
    return listen(USUAL_PORT);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return listen(0);
  }
}
