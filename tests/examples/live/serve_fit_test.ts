// A page for a training of one's own: what fit is given, and what the page may ask.
import { assert, assertEquals } from "@std/assert";
import { loadDataFashionMnist } from "../../../examples/d2l.ts";
import type { RunView } from "../../../examples/live/run_view.ts";
import { serveFit } from "../../../examples/live/serve_fit.ts";
import { fit, manualSeed, nn, openDevice, optim } from "../../../mod.ts";
import { listing, tempFolder } from "../../data/_fixtures.ts";

await openDevice();

Deno.test("serveFit() shows a training by fit, changes nothing, and steers, saves and stops it", async () => {
  const epochs = 3, loss = new nn.CrossEntropyLoss();
  const begin = async () => {
    manualSeed(3);
    const net = new nn.Sequential(
      new nn.Conv2d(1, 4, 5),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(2304, 10),
    );
    const [loader, test] = await loadDataFashionMnist(64, { limit: 320, seed: 3 });
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    return { net, loader, test, optimizer };
  };
  const optionsOf = ({ test, optimizer }: Awaited<ReturnType<typeof begin>>) => ({ test, optimizer });
  const plain = await begin();
  const numbers = (history: { trainLoss: number; testAcc?: number }[]) =>
    history.map(({ trainLoss, testAcc }) => [trainLoss, testAcc]);
  const alone = numbers(await fit(plain.net, plain.loader, { ...optionsOf(plain), loss, epochs }));

  const seen = await begin();
  {
    await using page = await serveFit(seen.net, {
      ...seen,
      title: "mine",
      epochs,
      examples: 320,
      device: "a GPU",
    });
    const history = await fit(seen.net, seen.loader, { ...optionsOf(seen), loss, epochs, ...page.hooks });
    assertEquals(numbers(history), alone);
    const [run]: RunView[] = await (await fetch(`${page.url}runs`)).json();
    assertEquals([run.begin.title, run.begin.epochs, run.begin.layers.length, run.metrics.length], [
      "mine",
      3,
      5,
      3,
    ]);
    assertEquals(run.begin.classes.length, 10);
    assert(
      run.filters !== null && run.tests !== null && run.activations !== null && run.progress!.total === 320,
    );
  }

  await using folder = await tempFolder();
  const steered = await begin();
  await using page = await serveFit(steered.net, { ...steered, epochs: 1000, folder: folder.path });
  const post = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(page.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    await response.body?.cancel();
    assertEquals(response.status, 202);
  };
  const history = await fit(steered.net, steered.loader, {
    ...optionsOf(steered),
    loss,
    epochs: 1000,
    ...page.hooks,
    onEpoch: async (metrics) => {
      await page.hooks.onEpoch!(metrics);
      if (metrics.epoch === 1) {
        await post("lr", { lr: 0.02 });
        await post("checkpoint", {});
      } else if (steered.optimizer.paramGroups[0].lr === 0.02) await post("stop", {});
    },
  });
  assert(history.length < 1000);
  assertEquals(steered.optimizer.paramGroups[0].lr, 0.02);
  const names = listing(folder.path).filter((name) => name.endsWith(".safetensors"));
  assert(names.some((name) => /^epoch-\d+(-step-\d+)?\.safetensors$/.test(name)), names.join());
});
