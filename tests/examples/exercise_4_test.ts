import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { decode, encode } from "npm:fast-png@8";
import { activations } from "../../examples/exercise_4_activations.ts";
import { lenet } from "../../examples/lenet.ts";
import { openDevice, rand } from "../../mod.ts";
import { oraclePath } from "../support/oracle.ts";
import { runExample } from "../support/subprocess.ts";

await openDevice();

const CHECKPOINT = `--checkpoint=${oraclePath("lenet_fashion_mnist.safetensors")}`;

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("activations() catches what both convolutions give, and takes its hooks away", async () => {
  const net = lenet(), x = rand([2, 1, 28, 28]);
  const [first, second] = activations(net, x);
  assertEquals([first.shape, second.shape], [[2, 6, 28, 28], [2, 16, 10, 10]]);
  assertEquals(await first.data(), await net[0].forward(x).data());
  assertEquals(await second.data(), await net[3].forward(net[2].forward(net[1].forward(first))).data());
  assertEquals(activations(net, x).length, 2);
});

Deno.test("exercise 4 prints shapes and channels, and draws a grid a layer", () =>
  inFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("exercise_4_activations.ts", [
      CHECKPOINT,
      "--limit=400",
      "--images=3",
      `--out=${folder}`,
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "layer 1 of 16 test images: [16, 6, 28, 28]");
    assertStringIncludes(stdout, "layer 2 of 16 test images: [16, 16, 10, 10]");
    assertEquals(stdout.match(/channels that hold Pullover and Coat furthest apart/g)?.length, 2);
    assertEquals(stdout.match(/^ {2}channel \d+: -?\d\.\d\d$/gm)?.length, 8);
    assert(!stdout.includes("\x1b"));
    const [first, second] = await Promise.all(
      [1, 2].map(async (layer) => decode(await Deno.readFile(`${folder}/layer_${layer}.png`))),
    );
    assertEquals([first.height, second.height], [824, 824]); // six images each
    assertEquals(second.width - first.width, 10 * 104); // ten channels more
    assertGreater(new Set(first.data).size, 100);
    const { command, meaning, layers } = JSON.parse(await Deno.readTextFile(`${folder}/channels.json`));
    assertStringIncludes(command, "exercise_4_activations.ts --checkpoint=");
    assertEquals(meaning, "mean of Pullover − mean of Coat, in standard deviations");
    assertEquals(layers.map(({ length }: number[]) => length), [6, 16]);
    const channels = stdout.matchAll(/^ {2}channel (\d+): (-?\d\.\d\d)$/gm).toArray().slice(0, 4);
    for (const [, channel, value] of channels) assertEquals(layers[0][channel].toFixed(2), value);
  }));

Deno.test("exercise 4 trains where there is no checkpoint, shows any image, and keeps the weights", () =>
  inFolder(async (folder) => {
    const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => i % 251);
    await Deno.writeFile(`${folder}/own.png`, encode({ width: 40, height: 30, channels: 3, data }));
    const { code, stdout, stderr } = await runExample("exercise_4_activations.ts", [
      "--class=9,trouser",
      "--index=3,99",
      `--png=${folder}/own.png`,
      "--limit=256",
      "--epochs=2",
      `--out=${folder}/new/pictures`,
    ], { LC_ALL: "C.UTF-8" });
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(
      stdout,
      "by mean of the 3 pictures − mean of 256 test images, in standard deviations:\n",
    );
    assertMatch(stdout, /epoch 2\/2: loss \d\.\d{3}, test acc 0\.\d{3}/);
    assertStringIncludes(stdout, "mean of Ankle boot − mean of Trouser");
    const { meaning, shown } = JSON.parse(await Deno.readTextFile(`${folder}/new/pictures/channels.json`));
    assertEquals(meaning, "mean of Ankle boot − mean of Trouser, in standard deviations");
    assertEquals(shown.meaning, "mean of the 3 pictures − mean of 256 test images, in standard deviations");
    assertEquals(shown.layers.map(({ length }: number[]) => length), [6, 16]);
    const again = await runExample("exercise_4_activations.ts", [
      `--checkpoint=${folder}/new/pictures/lenet.safetensors`,
      "--limit=100",
      `--out=${folder}`,
    ]);
    assertEquals(again.code, 0);
  }));

Deno.test("exercise 4 refuses bad options in one line", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/no.png`, "no picture");
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n";
    await Deno.writeTextFile(`${folder}/pointer.safetensors`, pointer);
    const classes = "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot";
    const cases: [string[], string][] = [
      [
        ["--class=pullover,hat"],
        `Cannot use --class as each must be one of ${classes}, or its number: hat`,
      ],
      [["--class=pullover,s"], `Cannot use --class as each must be one of ${classes}, or its number: s`],
      [["--class=pullover"], "Cannot use --class as it must name two classes: pullover"],
      [
        ["--class=bag,coat", "--limit=3"],
        "Cannot use --class as two images of each must be there: 0 of Bag",
      ],
      [["--index=1.5"], "Cannot use --index as each must be a whole number from 0 to 9999: 1.5"],
      [[`--png=${folder}/no.png`], `Cannot use --png as ${folder}/no.png must be a PNG file: `],
      [[`--png=${folder}/gone.png`], `Cannot use --png as ${folder}/gone.png must be a file to read: `],
      [[`--checkpoint=${folder}/gone`], `Cannot use --checkpoint as ${folder}/gone must be a file to read: `],
      [[`--checkpoint=${folder}/no.png`], "Cannot decode safetensors as "],
      [
        [`--checkpoint=${folder}/pointer.safetensors`],
        "Cannot decode safetensors as the bytes must be a safetensors file: they are a Git LFS pointer in place of the " +
        `file, which \`git lfs pull\` fetches (in ${folder}/pointer.safetensors)`,
      ],
      [["--images=0"], "Cannot use --images as it must be a whole number from 1 up: 0"],
      [
        [`--out=${folder}/no.png/x`],
        `Cannot save a run as "${folder}/no.png/x" must be a folder to write to: `,
      ],
    ];
    await Promise.all(cases.map(async ([args, message]) => {
      const all = [`--out=${folder}`, ...args];
      const { code, stdout, stderr } = await runExample("exercise_4_activations.ts", all);
      assertEquals([code, stdout, stderr.split("\n").length], [1, "", 2], stderr);
      assertStringIncludes(stderr, `error: ${message}`);
    }));
  }));
