/**
 * Where the files of data sets are kept, and putting a new one there whole or not at all.
 *
 * @module
 */

/** Reads an environment variable. */
export type ReadEnv = (name: string) => string | undefined;

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

/** An environment variable, where it may be read and is not empty. */
export function readEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined; // a script without --allow-env
    throw error;
  }
}

function cacheFolder(env: ReadEnv): string | undefined {
  const home = env("HOME");
  const base = Deno.build.os === "windows"
    ? env("LOCALAPPDATA")
    : env("XDG_CACHE_HOME") ?? (home && `${home}/.cache`);
  return base && `${base}/plunge`;
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

function parentOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : path.slice(0, Math.max(end, 1));
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

/** Writes a file under a temporary name and renames it, so that nobody ever sees a part of it. */
export async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  const path = `${folder}/${name}`;
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    await Deno.mkdir(folder, { recursive: true }); // another load, failing meanwhile, may have removed it
    await Deno.writeFile(part, bytes, { createNew: true });
    await Deno.rename(part, path);
    return path;
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}
