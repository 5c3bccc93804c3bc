// Everything at once: callers that wait for one another, copies of the library, Workers that end and that are ended.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import * as plunge from "../mod.ts";
import { tempFolder } from "./data/_fixtures.ts";
import { bitsOfTask, Helper, JOBS, type Library, type Task, tasksOf } from "./support/at_once.ts";
import { undisposed } from "./support/memory.ts";
import { ROOT } from "./support/subprocess.ts";

const CALLERS = 13, TASKS = 12;
const device = await plunge.openDevice();
const keyOf = ({ job, number }: Task) => `${job} ${number}`;

/** What each task gives where nothing else is done. */
const alone = new Map<string, string>();
for (const job of Object.keys(JOBS)) {
  for (const number of [1, 2, 3]) {
    const task = { job, number };
    alone.set(keyOf(task), await bitsOfTask(plunge, task));
  }
}

/** Does the tasks of a caller, and tells which of them gave something else than alone. */
async function wrongOf(library: Library, caller: number, count: number): Promise<string[]> {
  const wrong: string[] = [];
  for (const task of tasksOf(caller, count)) {
    if (await bitsOfTask(library, task) !== alone.get(keyOf(task))) {
      wrong.push(`caller ${caller}: ${keyOf(task)}`);
    }
  }
  return wrong;
}

/** A second copy of the library, under another path, which opens a device of its own. */
async function secondCopy(folder: string): Promise<Library> {
  await Deno.symlink(ROOT, join(folder, "copy"));
  return await import(join(`file://${folder}`, "copy", "mod.ts"));
}

Deno.test("jobs differ, and give the same bits again", async () => {
  assertEquals(new Set(alone.values()).size, alone.size);
  for (const job of Object.keys(JOBS)) {
    assertEquals(await bitsOfTask(plunge, { job, number: 2 }), alone.get(`${job} 2`), job);
  }
});

Deno.test("thirteen callers at once get what each gets alone, 156 results, and leave nothing", async () => {
  const before = undisposed(device);
  const wrong = await Promise.all(Array.from({ length: CALLERS }, (_, k) => wrongOf(plunge, k, TASKS)));
  assertEquals(wrong.flat(), []);
  assertEquals(undisposed(device), before);
});

Deno.test("two devices and two Workers at once give what one gives alone, while two more Workers are ended", async () => {
  await using folder = await tempFolder();
  const copy = await secondCopy(folder.path), second = await copy.openDevice();
  assert(second !== device as unknown && second.gpu !== device.gpu);
  using ended = new Helper([]);
  using endedLater = new Helper([]);
  const tasks = [tasksOf(0, 5), tasksOf(1, 5)];
  using a = new Helper(tasks[0]);
  using b = new Helper(tasks[1]);
  const working = [wrongOf(plunge, 0, 5), wrongOf(copy, 1, 5), wrongOf(plunge, 2, 5), wrongOf(copy, 3, 5)];
  await ended.has(1);
  ended[Symbol.dispose](); // in the middle of a step
  await endedLater.has(3);
  endedLater[Symbol.dispose]();
  assertEquals((await Promise.all(working)).flat(), []);
  await Promise.all([a.has(5), b.has(5)]);
  assertEquals(
    [a, b].map(({ answers }) => answers),
    tasks.map((each) => each.map((task) => alone.get(keyOf(task))!)),
  );
  assertEquals([...ended.answers, ...endedLater.answers].filter((bits) => bits !== alone.get("train 1")), []);
  assertEquals(second.memory().tensors, 0);
  second.close();
  assertEquals(await wrongOf(plunge, 4, 5), []); // the first goes on
});
