// Workers that are ended at forty moments of a training step, while the rest goes on.
import { assert, assertEquals } from "@std/assert";
import * as plunge from "../../mod.ts";
import { bitsOfTask, Helper, tasksOf } from "../support/at_once.ts";
import { undisposed } from "../support/memory.ts";
import { Random } from "../support/mutations.ts";

Deno.test("forty Workers are ended at random moments, and nobody else notices", async () => {
  const device = await plunge.openDevice(), random = new Random(1), tasks = tasksOf(0, 15);
  const alone = await Promise.all(tasks.map((task) => bitsOfTask(plunge, task)));
  const before = undisposed(device), train = await bitsOfTask(plunge, { job: "train", number: 1 });
  const resident: number[] = [];
  for (let round = 0; round < 40; round++) {
    using helper = new Helper([]);
    const answers = Promise.all(tasks.slice(0, 3).map((task) => bitsOfTask(plunge, task)));
    if (random.below(4) > 0) await helper.has(1 + random.below(3));
    await new Promise((resolve) => setTimeout(resolve, random.below(400)));
    helper[Symbol.dispose]();
    assertEquals(await answers, alone.slice(0, 3));
    assertEquals(helper.answers.filter((bits) => bits !== train), []);
    resident.push(Deno.memoryUsage().rss);
  }
  assertEquals(await Promise.all(tasks.map((task) => bitsOfTask(plunge, task))), alone);
  assertEquals(undisposed(device), before);
  console.log(
    `resident: ${resident.filter((_, k) => k % 5 === 4).map((rss) => (rss / 1e6).toFixed(0)).join(", ")} MB`,
  );
  assert(resident[39] - resident[9] < 30 * 20e6, "what ended Workers had is not given back");
});
