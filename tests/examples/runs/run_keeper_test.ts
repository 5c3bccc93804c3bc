import { assertEquals, assertRejects } from "@std/assert";
import { RunKeeper } from "../../../examples/runs/run_keeper.ts";
import { nn, openDevice } from "../../../mod.ts";
import { listing, tempFolder } from "../../data/_fixtures.ts";

await openDevice();

Deno.test("RunKeeper saves within an epoch what the watch finds finite, and nothing else", async () => {
  await using out = await tempFolder();
  using keeper = await RunKeeper.open({ out: out.path, everySteps: 1 }, { net: new nn.Linear(2, 1) });
  const asked: number[] = [];
  const watchOf = (isFinite: boolean) => ({
    beforeSave: (step: number) => {
      asked.push(step);
      return isFinite ? Promise.resolve() : Promise.reject(new Error("it is not finite"));
    },
  });
  keeper.beginEpoch();
  await keeper.afterStep({ history: [], step: 1, seconds: 1 }, watchOf(true));
  await assertRejects(
    () => keeper.afterStep({ history: [], step: 2, seconds: 2 }, watchOf(false)),
    Error,
    "it is not finite",
  );
  assertEquals(asked, [1, 2]);
  const saved = listing(out.path).filter((name) => !name.startsWith("."));
  assertEquals(saved, ["epoch-0-step-1.safetensors"]);
});
