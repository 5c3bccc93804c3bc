/**
 * The folder of a run. A run owns it: no other process writes there meanwhile, and what an earlier run left is kept aside
 * before the first file of the new one.
 *
 * The owner holds a lock on `.lock`, which the system takes from a process that ends, however it ends; its number stands
 * in the file for whoever is refused.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { CHECKPOINT_FILES } from "../../nn/train/checkpoints/checkpoint_folder.ts";
import { lockFile, PART } from "../../ops/core/files.ts";
import { refusal } from "../terminal/refusal.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";

const LOCK = ".lock";
/** The files that a training run leaves. */
const TRAINING = orCheckpoints(
  /^(metrics\.jsonl|run\.json|curves\.(svg|png)|pictures\.json|lenet\.safetensors|anomaly\.txt|events\.out\.tfevents\..*)$/,
);

/** How a folder is taken. */
export interface ClaimOptions {
  /** The names of files that an earlier run left, those of a training run unless told otherwise; others stay untouched. */
  files?: RegExp | undefined;
  /** Removes what an earlier run left instead of keeping it aside. */
  overwrite?: boolean | undefined;
  /** Leaves what an earlier run left where it is, to go on with it. */
  resume?: boolean | undefined;
}

/** These names, and those of checkpoints. */
export function orCheckpoints(files: RegExp): RegExp {
  return new RegExp(`${files.source}|${CHECKPOINT_FILES.source}`);
}

interface Claim {
  /** The file that is locked. */
  lock: Deno.FsFile;
  /** The outermost folder that had to be made. */
  made?: string | undefined;
  /** Whether a run has begun to write epochs. */
  isBegun: boolean;
}

const claims = new Map<string, Claim>(); // of this process, by path

/** Makes an error that says in one sentence why a folder cannot be used. */
function unusable(folder: string, must: string, found: string, cause?: unknown): Error {
  return refusal(new Error(`Cannot save a run as "${folder}" must be ${must}: ${found}`, { cause }));
}

/**
 * Does something in a folder, which is made where it is missing; an error says in one sentence that the folder cannot be
 * written to.
 *
 * @param folder The folder.
 * @param write Writes into the folder.
 * @returns What `write` returns. Rejects with an `Error` when the folder cannot be used.
 */
export async function saveIn<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    return await write();
  } catch (cause) {
    if (!isOfFiles(cause)) throw cause;
    throw unusable(folder, "a folder to write to", cause.message, cause);
  }
}

/** Whether an error is the system's about a file, and no bug. */
function isOfFiles(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return "code" in error || Object.values(Deno.errors).some((kind) => error instanceof kind);
}

/**
 * Takes a folder for a run, until {@linkcode releaseFolder} or the end of the process. A folder that this process has
 * already is taken anew only if a run has begun in it.
 *
 * @param folder The folder, which is made where it is missing.
 * @param options What becomes of an earlier run's files.
 * @returns Whether it was taken now, and not before. Rejects with an `Error` when another process has it, or it cannot be
 * written to.
 */
export async function claimFolder(
  folder: string,
  { files = TRAINING, overwrite = false, resume = false }: ClaimOptions = {},
): Promise<boolean> {
  const path = resolve(folder), own = claims.get(path);
  if (own && !own.isBegun) return false;
  const made = own ? undefined : await firstMissing(path);
  await saveIn(folder, async () => {
    if (own) own.isBegun = false;
    else claims.set(path, { lock: await lockIn(folder), made, isBegun: false });
  });
  await saveIn(folder, () => sweep(folder));
  if (!resume) await saveIn(folder, () => clear(folder, files, overwrite));
  return own === undefined;
}

/** Notes that the run in a folder has begun: who takes the folder after that begins another. */
export function beginRun(folder: string): void {
  const claim = claims.get(resolve(folder));
  if (claim) claim.isBegun = true;
}

/** Gives a folder up, and removes it where it is empty and was made for the run. */
export function releaseFolder(folder: string): void {
  const path = resolve(folder), claim = claims.get(path);
  if (!claim) return;
  claims.delete(path);
  try {
    Deno.removeSync(join(path, LOCK)); // while it is locked, so that nobody's new one is meant
    for (let empty = path; claim.made && empty.startsWith(claim.made); empty = resolve(empty, "..")) {
      Deno.removeSync(empty); // fails where something is in it
    }
  } catch {
    // it stays
  }
  claim.lock.close();
}

globalThis.addEventListener("unload", () => [...claims.keys()].reverse().forEach(releaseFolder));

/** The outermost of the folders that lead to `path` which is not there yet. */
async function firstMissing(path: string): Promise<string | undefined> {
  let missing: string | undefined;
  for (let at = path; missing !== at; at = resolve(at, "..")) {
    const isThere = await Deno.stat(at).then(() => true, (error) => !(error instanceof Deno.errors.NotFound));
    if (isThere) break;
    missing = at;
  }
  return missing;
}

/** Locks the folder's lock file, or refuses with the number of the process that has it. */
async function lockIn(folder: string): Promise<Deno.FsFile> {
  const lock = await lockFile(join(folder, LOCK));
  if (typeof lock !== "string") return lock;
  throw unusable(folder, "no other run's", `${lock} writes there`);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).filter(({ isFile }) => isFile).map(({ name }) => name);
}

/** Removes what was left of files that were never whole. */
async function sweep(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) if (PART.test(name)) await Deno.remove(join(folder, name));
}

/** Keeps an earlier run's files aside, or removes them. */
async function clear(folder: string, own: RegExp, overwrite: boolean): Promise<void> {
  const files = (await namesIn(folder)).filter((name) => own.test(name));
  if (overwrite || !await isWorthKeeping(folder, files)) {
    for (const name of files) await Deno.remove(join(folder, name));
    return;
  }
  const aside = await nextAside(folder);
  for (const name of files) await Deno.rename(join(folder, name), join(aside, name));
  screen.print(say("the earlier run of {folder} is kept in {aside}", { folder, aside }));
}

/** Whether there is more than the beginning of a run that did not end an epoch. */
async function isWorthKeeping(folder: string, files: readonly string[]): Promise<boolean> {
  const rest = files.filter((name) => name !== "run.json");
  if (rest.length !== 1 || rest[0] !== "metrics.jsonl") return rest.length > 0;
  return (await Deno.stat(join(folder, "metrics.jsonl"))).size > 0;
}

/** Makes the next of the folders `.earlier-1`, `.earlier-2`, …; hidden, so that `runs/…/` + `*` are runs only. */
async function nextAside(folder: string): Promise<string> {
  for (let n = 1;; n++) {
    try {
      const aside = join(folder, `.earlier-${n}`);
      await Deno.mkdir(aside);
      return aside;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}
