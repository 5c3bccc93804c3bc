/**
 * Who may ask: what comes from other sites' pages is refused, and names of this machine that are not its own.
 *
 * @module
 */

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Says why a request is refused; undefined where it is not.
 *
 * @param request The request.
 * @param isLocal Whether the server listens on this machine's loopback alone: then no other name may lead there, as a page
 *   elsewhere could have its own name point here.
 */
export function refusalOf(request: Request, isLocal: boolean): string | undefined {
  const { host, hostname } = new URL(request.url), origin = request.headers.get("origin");
  if (isLocal && !LOOPBACK.includes(hostname)) return `the host ${hostname} is not this machine's`;
  if (origin !== null && origin !== `http://${host}`) return `pages of ${origin} may not ask`;
}
