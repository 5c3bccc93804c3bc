// A user's first script: mod.ts from a URL, in a process that knows nothing of this repository.
import { assert, assertEquals } from "@std/assert";
import { servingSources } from "./support/source_server.ts";
import { runScript } from "./support/subprocess.ts";

const script = (origin: string) => `
import { crossEntropy, manualSeed, nn, openDevice, optim, rand, scope, tensor } from "${origin}/mod.ts";

await openDevice();
manualSeed(0);
const net = new nn.Sequential(
  new nn.Conv2d(1, 4, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Linear(4 * 4 * 4, 3),
);
const opt = new optim.SGD(net.parameters(), { lr: 0.2 });
const x = rand([12, 1, 8, 8]), y = tensor([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], { dtype: "int32" });
const losses: number[] = [];
for (let step = 0; step < 20; step++) {
  using _ = scope();
  opt.zeroGrad();
  const loss = crossEntropy(net.forward(x), y);
  loss.backward();
  opt.step();
  losses.push(await loss.item());
}
console.log(JSON.stringify(losses));
`;

Deno.test("mod.ts from a URL trains a network in a process without a config", async () => {
  await using server = servingSources(/^\/(mod|(ops|nn|data)\/[\w/]+)\.ts$/);
  const cache = await Deno.makeTempDir({ prefix: "plunge_cache_" });
  try {
    const { code, stdout, stderr } = await runScript(script(server.origin), {
      args: ["--no-config", "--quiet", "--check", `--allow-import=${server.host}`],
      env: { DENO_DIR: cache, XDG_RUNTIME_DIR: cache },
    });
    assertEquals([code, stderr], [0, ""]);
    const losses: number[] = JSON.parse(stdout);
    assertEquals(losses.length, 20);
    assert(losses[19] < 0.9 * losses[0], `the loss went from ${losses[0]} to ${losses[19]}`);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
