import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { decode, encode } from "npm:fast-png@8";
import { distances } from "../../examples/study/activation_pictures.ts";
import { activations } from "../../examples/exercise_4_activations.ts";
import { lenet } from "../../examples/lenet.ts";
import { halfBlocks, nearestOf256 } from "../../examples/pictures/half_blocks.ts";
import { colorOf, gridSvg, readPng, resample, stretch } from "../../examples/pictures/grid.ts";
import { openDevice, rand } from "../../mod.ts";
import { runExample } from "../support/subprocess.ts";
import { oraclePath } from "../support/oracle.ts";

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

Deno.test("distances() gives the difference of means in pooled standard deviations", () => {
  const a = [[1, 5, 2], [3, 5, 4]], b = [[4, 5, 3], [6, 5, 3], [5, 5, 3]];
  const [first, second, third] = distances(a, b);
  assertAlmostEquals(first, -3 / Math.sqrt(4 / 3)); // squares 2 and 2, 5 images
  assertEquals([second, third], [0, 0]);
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
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /epoch 2\/2: loss \d\.\d{3}, test acc 0\.\d{3}/);
    assertStringIncludes(stdout, "mean of Ankle boot − mean of Trouser");
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

Deno.test("colorOf() goes from dark to bright, and marks what is no number", () => {
  assertEquals([0, 0.5, 1, 7, NaN].map((v) => colorOf(v).join()), [
    "68,1,84",
    "33,145,140",
    "253,231,37",
    "253,231,37",
    "255,0,0",
  ]);
  assertEquals([0, 0.5, 1].map((v) => colorOf(v, true)[2]), [0, 128, 255]);
});

Deno.test("stretch() has one scale for all pictures, and bears what is not finite", () => {
  assertEquals(stretch([[1, 3], [NaN, 5]]), [[0, 0.5], [NaN, 1]]);
  assertEquals(stretch([[2, 2]]), [[0, 0]]);
});

Deno.test("resample() takes means of areas", () => {
  const tile = { values: [1, 2, 3, 4, 5, 6], height: 2, width: 3 };
  assertEquals(resample(tile, 1, 1).values, [3.5]);
  assertEquals(resample(tile, 2, 3).values, tile.values);
  const [left, right] = Array.from(resample(tile, 1, 2).values); // the middle column is shared
  assertAlmostEquals(left, 2.5 * 2 / 3 + 3.5 / 3);
  assertAlmostEquals(right, 4.5 * 2 / 3 + 3.5 / 3);
});

Deno.test("readPng() reads grey, colour, transparency and 16 bits", () => {
  const read = (channels: number, data: Uint8Array | Uint16Array) => {
    const depth = data instanceof Uint16Array ? 16 : 8;
    return readPng(encode({ width: 2, height: 1, channels, depth, data }), 1, 2).values;
  };
  assertEquals(read(1, new Uint8Array([0, 255])), [0, 1]);
  assertEquals(read(1, new Uint16Array([65535, 0])), [1, 0]);
  assertEquals(read(2, new Uint8Array([255, 0, 255, 255])), [0, 1]);
  const [red, white] = Array.from(read(4, new Uint8Array([255, 0, 0, 255, 255, 255, 255, 255])));
  assertAlmostEquals(red, 0.299);
  assertAlmostEquals(white, 1);
});

Deno.test("gridSvg() labels rows and columns", () => {
  const tile = { values: [0, 1], height: 1, width: 2 };
  const rows = [{ label: "Coat <1>\nown", tiles: [tile, tile] }];
  const svg = gridSvg({ title: "Maps", note: "one\ntwo", columns: ["input", "0"], rows });
  for (const label of ["Maps", "one", "two", "input", "0", "Coat &#60;1&#62;", "own"]) {
    assertStringIncludes(svg, `>${label}</text>`);
  }
  const { width, height, channels, data } = decode(Uint8Array.fromBase64(svg.match(/base64,([^"]*)/)![1]));
  assertEquals([width, height, channels], [208, 104, 4]);
  assertEquals([...data.subarray(0, 4)], [68, 1, 84, 255]);
  assertEquals([...data.subarray(4 * 95, 4 * 97)], [253, 231, 37, 255, 0, 0, 0, 0]);
});

Deno.test("halfBlocks() draws two pixels a character, in the colours that there are", () => {
  const pictures = [
    { name: "input", tile: { values: [0, 1, 1, 0, 1, 1], height: 3, width: 2, grey: true } },
    { name: "far", tile: { values: [1], height: 1, width: 1 } },
  ];
  assertEquals(halfBlocks(pictures, 80, "none", 4), ["inpu far", "++   @", "@@"]);
  assertEquals(halfBlocks(pictures.slice(0, 1), 80, "24-bit", 3), [
    "inp",
    "\x1b[38;2;0;0;0;48;2;255;255;255m▀\x1b[38;2;255;255;255;48;2;0;0;0m▀\x1b[0m",
    "\x1b[38;2;255;255;255m▀\x1b[38;2;255;255;255m▀\x1b[0m",
  ]);
  assertStringIncludes(halfBlocks(pictures, 80, "256", 3)[1], "\x1b[38;5;16;48;5;231m▀");
  assertEquals(halfBlocks(pictures, 7, "none", 4)[0], "inpu", "only what finds room");
});

Deno.test("nearestOf256() takes the cube or the greys, whichever is nearer", () => {
  assertEquals(nearestOf256([255, 0, 0]), 196);
  assertEquals(nearestOf256([128, 128, 128]), 244);
  assertEquals(nearestOf256([68, 1, 84]), 53);
});
