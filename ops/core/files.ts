/**
 * Plunge's own folder for files that can be made again, and putting a file there whole or not at all.
 *
 * @module
 */

/**
 * Sees that this runtime reads and writes files as the library does, which is Deno alone.
 *
 * @param action What is about to be done, for the error.
 * @param instead What there is instead, in words.
 * @throws {TypeError} If it is another runtime.
 */
export function needDeno(action: string, instead: string): void {
  if (typeof Deno !== "undefined") return;
  throw new TypeError(
    `Cannot ${action} as Deno must read and write files: this is another runtime, ${instead}`,
  );
}

/** Reads an environment variable. */
export type ReadEnv = (name: string) => string | undefined;

/** An environment variable, where it may be read and is not empty. */
export function readEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined; // a script without --allow-env
    throw error;
  }
}

/** The environment variables that say where our files are and which the program lacks the permission to read. */
export function unreadableVariables(): string[] {
  const names = [
    "PLUNGE_DATA",
    ...(Deno.build.os === "windows" ? ["LOCALAPPDATA"] : ["XDG_CACHE_HOME", "HOME"]),
  ];
  return names.filter((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state !== "granted"
  );
}

/** Our folder among the user's caches, where the system has such a place. */
export function cacheFolder(env: ReadEnv): string | undefined {
  const home = env("HOME");
  const base = Deno.build.os === "windows"
    ? env("LOCALAPPDATA")
    : env("XDG_CACHE_HOME") ?? (home && `${home}/.cache`);
  return base && `${base}/plunge`;
}

/** The folder that a path lies in. */
export function parentOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : path.slice(0, Math.max(end, 1));
}

/** What leads out of a folder, or means something else to a system: separators, drives, streams, what cannot be seen. */
// deno-lint-ignore no-control-regex
const NO_NAME = /[/\\:\x00-\x1f]|^\.{0,2}$/;

/**
 * Sees that a name is that of a file, and no path that leads elsewhere.
 *
 * @throws {RangeError} If it is not.
 */
export function checkFileName(name: string): void {
  if (!NO_NAME.test(name)) return;
  throw new RangeError(
    `Cannot use a file name as it must be one without folders: ${JSON.stringify(name.slice(0, 100))}`,
  );
}

/**
 * Writes a file under a temporary name of its own, has the system put it on the disk, and renames it: nobody ever sees a
 * part of it, not even after a loss of power, any number of writers may write it at once, and a failure leaves nothing
 * behind.
 *
 * @throws {RangeError} If the name leads out of the folder.
 */
export async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  checkFileName(name);
  const path = `${folder}/${name}`;
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    await Deno.mkdir(folder, { recursive: true }); // another load, failing meanwhile, may have removed it
    await writeFlushed(part, bytes);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
  await flushFolder(folder);
  return path;
}

/** The temporary names that {@linkcode writeWhole} gives: what a process that was ended has left of a file. */
export const PART: RegExp = /\.[\da-f-]{36}\.part$/;

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}

/** Has the system put the names in a folder on the disk, where it can: Windows opens no folders. */
async function flushFolder(folder: string): Promise<void> {
  if (Deno.permissions.querySync({ name: "read", path: folder }).state !== "granted") return;
  try {
    using opened = await Deno.open(folder, { read: true });
    await opened.sync();
  } catch {
    // the file is whole all the same
  }
}

/**
 * Locks a file, which is made where it is missing, until {@linkcode unlockFile} or the end of the process, however it ends.
 * The number of the process stands in it for whoever is refused.
 *
 * @param path The file's path.
 * @returns The file, locked; or who has it. Where a file system knows no locks, all is as without them.
 */
export async function lockFile(path: string): Promise<Deno.FsFile | string> {
  for (;;) {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    if (!tryLock(file)) {
      file.close();
      return (await Deno.readTextFile(path).catch(() => "")).trim() || "another process"; // Windows reads no locked file
    }
    const there = await Deno.stat(path).catch(() => undefined);
    if (there === undefined || there.ino !== (await file.stat()).ino) {
      file.close(); // whoever had it has removed it meanwhile
      continue;
    }
    await file.truncate();
    await file.write(new TextEncoder().encode(`process ${Deno.pid}\n`));
    return file;
  }
}

/** Gives up a file that {@linkcode lockFile} has locked, and removes it. */
export function unlockFile(path: string, file: Deno.FsFile): void {
  try {
    Deno.removeSync(path); // while it is locked, so that nobody's new one is meant
  } catch {
    // it stays
  }
  file.close();
}

function tryLock(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    return true;
  }
}
