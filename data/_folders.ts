/**
 * Where the files of data sets are kept.
 *
 * @module
 */
import { cacheFolder, parentOf, type ReadEnv } from "../ops/core/files.ts";

/** Names of a data set's own folder. */
export interface FolderNames {
  /** Its name in our folders. */
  readonly folder: string;
  /** Its name in torchvision's folders. */
  readonly torchvision: string;
  /** Folders where an operating system's package puts it. */
  readonly system: readonly string[];
}

/** A folder to look in. */
export interface Place {
  readonly folder: string;
  /** Whether the user named it: then failing to read it is an error. */
  readonly named: boolean;
}

function* placesIn(base: string | undefined, names: FolderNames): Generator<Place> {
  if (!base) return;
  for (const folder of [`${base}/${names.folder}`, `${base}/${names.torchvision}/raw`, base]) {
    yield { folder, named: true };
  }
}

/** The folders a data set may be in, first choice first. */
export function* places(names: FolderNames, root: string | undefined, env: ReadEnv): Generator<Place> {
  yield* placesIn(root, names);
  yield* placesIn(env("PLUNGE_DATA"), names);
  const cache = cacheFolder(env);
  if (cache) yield { folder: `${cache}/${names.folder}`, named: false };
  for (const folder of names.system) yield { folder, named: false };
}

/** The folder to download a data set into. */
export function downloadFolder(
  names: FolderNames,
  root: string | undefined,
  env: ReadEnv,
): string | undefined {
  const base = root || env("PLUNGE_DATA") || cacheFolder(env);
  return base && `${base}/${names.folder}`;
}

/**
 * The file `name` in a folder: unpacked or with `.gz`, or under another of the spellings in use, such as
 * `t10k-images.idx3-ubyte`; also in a folder of that name, as archives make one.
 *
 * @param action What is being done, for errors.
 * @returns Its path; undefined where it is not there.
 * @throws {Unreadable} If the folder may not be read.
 */
export async function findFile(action: string, place: Place, name: string): Promise<string | undefined> {
  try {
    return await findIn(place.folder, name);
  } catch (error) {
    const { NotCapable, PermissionDenied } = Deno.errors;
    const isForbidden = error instanceof NotCapable || error instanceof PermissionDenied;
    if (isForbidden && !place.named) throw new Unreadable(place.folder);
    throw worded(error, `Cannot ${action} as ${place.folder} must be readable`);
  }
}

/** Says that a folder may not be read in which the user did not say that anything is. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

/** An error of Deno's with words of ours before its own; its class stays. */
export function worded(error: unknown, words: string): Error {
  const { message, constructor } = error instanceof Error ? error : new Error(String(error));
  return new (constructor as ErrorConstructor)(`${words}: ${message}`, { cause: error });
}

async function findIn(folder: string, name: string): Promise<string | undefined> {
  for (const path of [`${folder}/${name}`, `${folder}/${name}.gz`]) {
    if (await isFile(path)) return path;
  }
  const spellings = spellingsOf(name);
  for (const entry of await entriesOf(folder)) {
    if (!spellings.has(plain(entry))) continue;
    const path = `${folder}/${entry}`;
    if (await isFile(path)) return path;
    const inside = (await entriesOf(path)).find((inner) => spellings.has(plain(inner)));
    if (inside !== undefined && await isFile(`${path}/${inside}`)) return `${path}/${inside}`;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** The names in a folder, sorted; none where it is no folder. */
async function entriesOf(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
  return names.sort();
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** A name without what is spelt in several ways: capitals, dots, dashes and the ending of a packed file. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.gz(ip)?$/, "").replace(/[^a-z0-9]/g, "");
}

/** Plain names that stand for a file's: `t10k` or `test`, with or without the format at the end. */
function spellingsOf(name: string): Set<string> {
  const whole = plain(name), stem = whole.replace(/idx[13]ubyte$/, "");
  const endings = [whole.slice(stem.length), "ubyte", ""];
  return new Set(endings.flatMap((end) => [stem + end, stem.replace(/^t10k/, "test") + end]));
}

/** Those of `folder` and the folders it lies in that do not exist yet, innermost first. */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = folder; !missing.includes(path); path = parentOf(path)) {
    try {
      await Deno.stat(path);
      break;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) break;
      missing.push(path);
    }
  }
  return missing;
}

/**
 * Makes `folder`, sees that it can be written to, and runs `fill`; when `fill` fails, what was made goes again.
 *
 * @throws {Error} If the folder cannot be made or written to.
 */
export async function fillFolder<T>(folder: string, fill: () => Promise<T>): Promise<T> {
  const made = await missingFolders(folder);
  try {
    try {
      await Deno.mkdir(folder, { recursive: true });
      await Deno.remove(await Deno.makeTempFile({ dir: folder })); // known now, not after a long download
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot download to ${folder} as it must be a writable folder: ${found}`, { cause });
    }
    return await fill();
  } catch (error) {
    for (const path of made) await Deno.remove(path).catch(() => {}); // only empty ones go
    throw error;
  }
}
