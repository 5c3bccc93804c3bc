// The book's large networks as they are run: shapes, parameters and epochs, and those with batch normalisation learn.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { runExample } from "../support/subprocess.ts";

const NETWORKS = [
  { name: "alexnet", learns: false },
  { name: "vgg", learns: false },
  { name: "nin", learns: false },
  { name: "googlenet", learns: false },
  { name: "resnet", learns: true },
  { name: "densenet", learns: true },
];

for (const { name, learns } of NETWORKS) {
  Deno.test(`${name}.ts trains${learns ? ", and learns from a thousand images" : ""}`, async () => {
    const epochs = learns ? 3 : 1,
      args = [`--limit=${learns ? 1000 : 64}`, `--epochs=${epochs}`, "--batch-size=32"];
    const { code, stdout, stderr } = await runExample(`book/${name}.ts`, args);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^(Linear|Flatten) output shape: \[1, 10\]\n[\d,]+ parameters$/m);
    const lines = [
      ...stdout.matchAll(/^epoch \d\/\d: loss (\d\.\d+), train acc (\d\.\d+), test acc \d\.\d+$/gm),
    ];
    assertEquals(lines.length, epochs);
    const [, loss, acc] = lines.at(-1)!.map(Number);
    assert(learns ? acc > 0.5 : loss < 2.6, `${name}: loss ${loss}, train acc ${acc}`);
  });
}
