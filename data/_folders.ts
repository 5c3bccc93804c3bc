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

/** The path in `place` of the file `name`, unpacked or with `.gz`, where it is there. */
export async function findFile(place: Place, name: string): Promise<string | undefined> {
  for (const path of [`${place.folder}/${name}`, `${place.folder}/${name}.gz`]) {
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch (error) {
      const { NotFound, NotADirectory, NotCapable, PermissionDenied } = Deno.errors;
      if (error instanceof NotFound || error instanceof NotADirectory) continue;
      if (!place.named && (error instanceof NotCapable || error instanceof PermissionDenied)) continue;
      throw error;
    }
  }
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
