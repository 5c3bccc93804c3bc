/**
 * What tests use of `@std/path`, in a page: paths with slashes.
 *
 * @module
 */

/** Joins path segments and normalises the result. */
export function join(...paths: string[]): string {
  const parts: string[] = [];
  const whole = paths.filter((path) => path !== "").join("/");
  for (const part of whole.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return (whole.startsWith("/") ? "/" : "") + parts.join("/");
}

/** The path of a `file:` URL. */
export function fromFileUrl(url: string | URL): string {
  return decodeURIComponent(new URL(url).pathname);
}

/** The folder part of a path. */
export function dirname(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}
