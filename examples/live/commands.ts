/**
 * What a page may ask of a run: requests as commands.
 *
 * @module
 */

/** What was asked for. */
export type Command =
  | { kind: "stop" }
  | { kind: "checkpoint" }
  | { kind: "lr"; lr: number }
  | { kind: "scale"; factor: number }
  | { kind: "choose"; places: number[] };

/** The most images whose activations are shown. */
export const MOST_CHOSEN = 6;

/**
 * Reads the command that was posted to a path.
 *
 * @param path `/stop`, `/checkpoint`, `/lr` or `/choose`.
 * @param body The request's JSON.
 * @returns The command; undefined where there is no such path.
 * @throws {SyntaxError} If the body is not what the command takes.
 */
export function parseCommand(path: string, body: unknown): Command | undefined {
  const { lr, factor, places } = Object(body) as Record<string, unknown>;
  if (path === "/stop" || path === "/checkpoint") return { kind: path.slice(1) as "stop" | "checkpoint" };
  if (path === "/lr") {
    if (factor === undefined) return { kind: "lr", lr: above("lr", lr) };
    return { kind: "scale", factor: above("factor", factor) };
  }
  if (path !== "/choose") return undefined;
  const isPlace = (v: unknown) => Number.isInteger(v) && (v as number) >= 0;
  if (Array.isArray(places) && places.length > 0 && places.length <= MOST_CHOSEN && places.every(isPlace)) {
    return { kind: "choose", places };
  }
  throw new SyntaxError(
    `places must be 1 to ${MOST_CHOSEN} whole numbers from 0 up: ${JSON.stringify(places)?.slice(0, 60)}`,
  );
}

function above(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new SyntaxError(`${name} must be a number above 0: ${JSON.stringify(value)?.slice(0, 60)}`);
}
