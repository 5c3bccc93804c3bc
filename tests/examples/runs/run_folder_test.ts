import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { claimFolder, releaseFolder, saveIn } from "../../../examples/runs/run_folder.ts";
import { isRefusal } from "../../../examples/terminal/refusal.ts";
import { tempFolder } from "../../data/_fixtures.ts";

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** A process that takes a folder, says "taken" and keeps it. */
function holder(folder: string): Deno.ChildProcess {
  const module = new URL("../../../examples/runs/run_folder.ts", import.meta.url).href;
  const script = `const { claimFolder } = await import(${JSON.stringify(module)});
    await claimFolder(${JSON.stringify(folder)});
    console.log("taken");
    setTimeout(() => {}, 60_000);`;
  const config = fromFileUrl(new URL("../../../deno.json", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", `--config=${config}`, "-A", `data:text/javascript,${encodeURIComponent(script)}`],
    stdout: "piped",
  }).spawn();
}

Deno.test("claimFolder() refuses a folder that another process has, and takes it when that was killed", async () => {
  await using out = await tempFolder();
  const child = holder(out.path), reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "taken\n");
  const error = await assertRejects(() => claimFolder(out.path), Error);
  const owner = Deno.build.os === "windows" ? "another process" : `process ${child.pid}`;
  assertEquals(
    error.message,
    `Cannot save a run as "${out.path}" must be no other run's: ${owner} writes there`,
  );
  assert(isRefusal(error));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  assertEquals(await names(out.path), [".lock"], "a killed process leaves its lock");
  assertEquals(await claimFolder(out.path), true);
  assertEquals(await Deno.readTextFile(join(out.path, ".lock")), `process ${Deno.pid}\n`);
  releaseFolder(out.path);
  assertEquals(await names(out.path), []);
});

Deno.test("claimFolder() keeps only a run's own files aside, and removes what never was a whole file", async () => {
  await using out = await tempFolder();
  const part = `curves.png.${crypto.randomUUID()}.part`;
  for (const name of ["run.json", "metrics.jsonl", "notes.txt", "comparison.svg", part]) {
    await Deno.writeTextFile(join(out.path, name), "x");
  }
  assertEquals(await claimFolder(out.path), true);
  assertEquals(await claimFolder(out.path), false, "it is this process's already");
  releaseFolder(out.path);
  assertEquals(await names(out.path), [".earlier-1", "comparison.svg", "notes.txt"]);
  assertEquals(await names(join(out.path, ".earlier-1")), ["metrics.jsonl", "run.json"]);
  await claimFolder(out.path, { files: /^comparison\.svg$/, overwrite: true });
  releaseFolder(out.path);
  assertEquals(await names(out.path), [".earlier-1", "notes.txt"]);
});

Deno.test("claimFolder() keeps nothing of a run that ended no epoch", async () => {
  await using out = await tempFolder();
  await Deno.writeTextFile(join(out.path, "run.json"), "{}");
  await claimFolder(out.path);
  releaseFolder(out.path);
  assertEquals(await names(out.path), []);
});

Deno.test("releaseFolder() removes folders that were made for a run and are empty", async () => {
  await using out = await tempFolder();
  await claimFolder(join(out.path, "a", "b"));
  releaseFolder(join(out.path, "a", "b"));
  assertEquals(await names(out.path), []);
  await claimFolder(join(out.path, "a", "b"));
  await Deno.writeTextFile(join(out.path, "a", "file"), "");
  releaseFolder(join(out.path, "a", "b"));
  assertEquals(await names(join(out.path, "a")), ["file"]);
});

Deno.test("saveIn() takes an error of the system for the folder's, and no other", async () => {
  await using out = await tempFolder();
  const full = Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  const error = await assertRejects(() => saveIn(out.path, () => Promise.reject(full)), Error);
  assertEquals(
    error.message,
    `Cannot save a run as "${out.path}" must be a folder to write to: No space left on device (os error 28)`,
  );
  const bug = new TypeError("Cannot read properties of undefined (reading 'x')");
  assertEquals(await saveIn(out.path, () => Promise.reject(bug)).catch((e) => e), bug);
});
