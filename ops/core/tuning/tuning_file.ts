/**
 * Measured tiles in a file: JSON with a record for each adapter.
 *
 * A record is good for the adapter, driver and version of Plunge that it was measured with; others are left alone.
 *
 * @module
 */
import { currentDevice, type Device } from "../../gpu/device.ts";
import { type Measured, tuningOf } from "../../kernels/tuning.ts";
import { cacheFolder, needDeno, parentOf, readEnv, writeWhole } from "../files.ts";
import { signature } from "../signature.ts";
import { VERSION } from "../version.ts";
import { isPlainObject } from "../describe.ts";
import { coreCount } from "./race.ts";
import { optional, TEXT } from "../kinds.ts";

/** The tiles of one adapter. */
interface AdapterRecord {
  readonly adapter: string;
  readonly version: string;
  readonly tiles: readonly Measured[];
}

const takes = signature("load tuning", { file: optional(TEXT) });

/**
 * Takes the kernels' tiles that {@linkcode autotune} found on this adapter in an earlier run.
 *
 * Captured steps are captured anew at their next call. Call it before the first step, so that nothing is compiled in vain.
 *
 * @param file Path of the file; Plunge's own in the user's cache folder unless given.
 * @returns How many tiles were taken: 0 where there is no file, or none for this adapter, driver and version of Plunge.
 * @throws {SyntaxError} If the file is not one that `autotune` wrote.
 *
 * @example Usage
 * ```ts
 * import { loadTuning, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await loadTuning("no-such-file.json"), 0);
 * ```
 */
export async function loadTuning(file?: string): Promise<number> {
  takes(arguments);
  const device = currentDevice("load tuning"), path = file ?? tuningPath();
  if (path === undefined) return 0;
  const record = (await readRecords(path)).find((r) => isFor(r, device));
  if (!record || record.tiles.length === 0) return 0;
  tuningOf(device).add(record.tiles);
  return record.tiles.length;
}

/** Writes all measured tiles of a device in place of those that the file has for it. */
export async function saveTuning(device: Device, path: string): Promise<void> {
  const others = (await readRecords(path)).filter((r) => r.adapter !== adapterText(device));
  const own: AdapterRecord = {
    adapter: adapterText(device),
    version: VERSION,
    tiles: tuningOf(device).tiles,
  };
  const text = JSON.stringify({ format: FORMAT, adapters: [...others, own] }, null, 1);
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  await writeWhole(parentOf(path), name, new TextEncoder().encode(`${text}\n`));
}

/** Plunge's own file, where the system has a cache folder and its place may be asked for. */
export function tuningPath(): string | undefined {
  if (!("Deno" in globalThis)) return undefined; // a browser
  const folder = cacheFolder(readEnv);
  return folder && `${folder}/tuning.json`;
}

const FORMAT = "plunge tuning 1";

function isFor({ adapter, version }: AdapterRecord, device: Device): boolean {
  return adapter === adapterText(device) && version === VERSION;
}

/** The adapter and its driver; of a CPU adapter the number of cores as well, as tiles share them. */
function adapterText({ gpu, isSoftware }: Device): string {
  const { description, vendor, architecture, device } = gpu.adapterInfo;
  const cores = isSoftware ? `${coreCount()} cores` : "";
  return [description, vendor, architecture, device, cores].filter(Boolean).join(", ");
}

async function readRecords(path: string): Promise<AdapterRecord[]> {
  needDeno(`load tuning from "${path}"`, "where autotune measures tiles for the session");
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot load tuning from "${path}" as it must be a file that can be read: ${found}`, {
      cause: error,
    });
  }
  const refuse = (found: string) =>
    new SyntaxError(`Cannot load tuning from ${path} as autotune must have written it: ${found}`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (!isPlainObject(content) || content.format !== FORMAT) throw refuse(`its format is not "${FORMAT}"`);
  if (!isListOf(content.adapters, isAdapterRecord)) throw refuse("a record of an adapter is not complete");
  return content.adapters;
}

function isAdapterRecord(value: unknown): value is AdapterRecord {
  return isPlainObject(value) && typeof value.adapter === "string" && typeof value.version === "string" &&
    isListOf(value.tiles, isMeasured);
}

function isMeasured(value: unknown): value is Measured {
  return isPlainObject(value) && typeof value.family === "string" && typeof value.key === "string" &&
    typeof value.size === "number" && isPlainObject(value.tile);
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}
