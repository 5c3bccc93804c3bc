// The book's networks, trained on some images at a quarter of their width: each becomes better than chance.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { runExample } from "../support/subprocess.ts";

/** The epochs and the learning rate with which each learns something of 1,000 images. */
const NETWORKS = [
  { name: "alexnet", args: ["--epochs=12", "--lr=0.05"] },
  { name: "vgg", args: ["--epochs=20"] },
  { name: "nin", args: ["--epochs=12"] },
  { name: "googlenet", args: ["--epochs=20"] },
  { name: "resnet", args: ["--epochs=3"] },
  { name: "densenet", args: ["--epochs=3"] },
];

for (const { name, args } of NETWORKS) {
  Deno.test(`${name}.ts learns`, async () => {
    const { code, stdout, stderr } = await runExample(`book/${name}.ts`, [
      "--limit=1000",
      "--batch-size=32",
      ...args,
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^Linear output shape: \[1, 10\]$|^Flatten output shape: \[1, 10\]$/m);
    const accuracies = [...stdout.matchAll(/train acc (\d\.\d+)/g)].map(([, acc]) => Number(acc));
    assertEquals(accuracies.length, Number(args[0].split("=")[1]));
    assert(Math.max(...accuracies) > 0.3, `${name}: ${accuracies}`);
  });
}
