import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decode } from "npm:fast-png@8";
import {
  Animator,
  corr2d,
  loadDataFashionMnist,
  predictCh3,
  showImages,
  Timer,
  tryAllGpus,
  tryGpu,
} from "../../../examples/d2l.ts";
import { arange, decodePng, nn, ones, openDevice, rand, tensor, zeros } from "../../../mod.ts";
import { tempFolder } from "../../data/_fixtures.ts";

await openDevice();

Deno.test("corr2d() slides a kernel over a matrix, with gradients", async () => {
  const X = arange(9).reshape([3, 3]), K = tensor([[0, 1], [2, 3]], { requiresGrad: true });
  const y = corr2d(X, K);
  assertEquals(await y.toArray(), [[19, 25], [37, 43]]);
  y.sum().backward();
  assertEquals(await K.grad!.toArray(), [[8, 12], [20, 24]]);
  assertEquals(corr2d(ones([6, 8]), tensor([[1, -1]])).shape, [6, 7]);
  assertThrows(() => corr2d(ones([3]), K), RangeError, "Cannot apply corr2d as X and K must be matrices");
});

Deno.test("tryAllGpus() has the one that tryGpu() gives", async () => {
  assertEquals(await tryAllGpus(), [await tryGpu()]);
});

Deno.test("Timer has the sum, the mean and the running sums of its times", () => {
  const timer = new Timer();
  assertEquals([timer.sum(), timer.avg(), timer.cumsum()], [0, NaN, []]);
  timer.times.push(1, 2, 6);
  assertEquals([timer.sum(), timer.avg(), timer.cumsum()], [9, 3, [1, 3, 9]]);
});

Deno.test("Animator takes one number or several, with a legend or without", async () => {
  const one = new Animator({ xlabel: "step", ylabel: "loss" });
  await one.add(1, 0.5);
  await one.add(2, 0.25);
  assertEquals(one.chart.series, [{ name: "loss", points: [[1, 0.5], [2, 0.25]], dashed: false }]);
  const several = new Animator();
  await several.add(1, [1, null]);
  await several.add(2, [null, 3]);
  assertEquals(several.chart.series.map(({ name, points }) => [name, points]), [["1", [[1, 1]]], ["2", [[
    2,
    3,
  ]]]]);
  const named = new Animator({ xlabel: "epoch", xlim: [0, 3], ylim: [0, 1], legend: ["a", "b"] });
  await named.add(1, 0.5);
  assertEquals(named.chart.series.map(({ points }) => points), [[[1, 0.5]], []]);
  assertEquals([named.chart.xLim, named.chart.yLim], [[0, 3], [0, 1]]);
  await assertRejects(
    () => named.add(1, [1, 2, 3]),
    RangeError,
    "there must be a name for each curve: 3 of 2",
  );
});

Deno.test("loadDataFashionMnist(n, size) brings images to the size", async () => {
  const [train, test] = await loadDataFashionMnist(4, 64);
  for (const loader of [train, test]) {
    for (const [x] of loader) {
      assertEquals(x.shape, [4, 1, 64, 64]);
      break;
    }
    loader.dispose();
  }
});

Deno.test("showImages() sets images in rows, each beneath its title", async () => {
  const images = tensor([[[0, 1], [1, 0]], [[1, 1], [0, 0]], [[0.5, 0], [0, 0]]]);
  const { svg } = await showImages(images, { columns: 2, titles: ["first", "a & b\nc", "last"], scale: 1 });
  assertEquals([...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text), [
    "first",
    "a &#38; b",
    "c",
    "last",
  ]);
  const png = Uint8Array.fromBase64(svg.match(/base64,([^"]*)/)![1]), { width, height, data } = decode(png);
  assertEquals([width, height], [2 * (2 * 72 - 8 + 16), 2 * (2 * (72 + 26) - 8 + 16)]);
  const at = (x: number, y: number) => data[3 * (y * width + x)];
  const [left, top] = [16, 16 + 52]; // the first image: black, white, white, black
  assertEquals([at(left, top), at(left + 127, top), at(left, top + 127), at(left + 127, top + 127)], [
    0,
    255,
    255,
    0,
  ]);
  assertEquals(at(left, top + 196), 128, "the third, in the second row");
  assertEquals(at(left + 144, top + 196), 255, "nothing beside it");
});

Deno.test("showImages() takes the book's order, colours, and values beyond 0 to 1", async () => {
  const pixel = async (image: ReturnType<typeof zeros>) => {
    const png = await (await showImages(image, 1, 1, { scale: 1 })).png(),
      { data, width } = await decodePng(png);
    return [...data.subarray(3 * (20 * width + 20), 3 * (20 * width + 21))];
  };
  assertEquals(await pixel(tensor([[[[1]], [[0.2]], [[0]]]])), [255, 51, 0]);
  assertEquals(await pixel(tensor([[[5, -5], [-5, -5]]])), [255, 255, 255]);
  assertEquals(await pixel(tensor([[[false, true], [true, true]]])), [0, 0, 0]);
  const { svg } = await showImages(rand([18, 1, 28, 28]), 2, 9, { titles: Array(18).fill("x") });
  assertEquals(svg.match(/<text/g)!.length, 18);
  const some = await showImages(rand([18, 8, 8]), 1, 4, { titles: Array(18).fill("x") });
  assertEquals(some.svg.match(/<text/g)!.length, 4);
});

Deno.test("showImages() saves PNG and SVG", async () => {
  await using folder = await tempFolder();
  const shown = await showImages(rand([2, 4, 4]));
  await shown.save(`${folder.path}/a.png`);
  await shown.save(`${folder.path}/a.svg`);
  assertEquals((await decodePng(await Deno.readFile(`${folder.path}/a.png`))).width, 2 * (2 * 104 - 8 + 16));
  assertEquals(await Deno.readTextFile(`${folder.path}/a.svg`), shown.svg);
});

Deno.test("showImages() refuses what it cannot show", async () => {
  const cases: [() => Promise<unknown>, string][] = [
    [() => showImages(zeros([0, 2, 2])), "there must be some: there are none"],
    [() => showImages(zeros([2, 2])), "they must be [n, h, w], [n, 1, h, w] or [n, 3, h, w]: [2, 2]"],
    [
      () => showImages(zeros([1, 2, 2, 2])),
      "they must be [n, h, w], [n, 1, h, w] or [n, 3, h, w]: [1, 2, 2, 2]",
    ],
    [() => showImages(zeros([2, 2, 2]), { rows: 0 }), "rows must be a whole number from 1 up: 0"],
    [() => showImages(zeros([2, 2, 2]), { scale: NaN }), "scale must be a number above 0 and below 100: NaN"],
    [
      () => showImages(zeros([2, 2, 2]), { titles: ["a"] }),
      "there must be a title for each of 2: there are 1",
    ],
  ];
  for (const [show, message] of cases) {
    await assertRejects(show, RangeError, `Cannot show images as ${message}`);
  }
});

Deno.test("predictCh3() shows each image's class above what it is taken for", async () => {
  const [train, test] = await loadDataFashionMnist(8, { limit: 8 });
  const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const { svg } = await predictCh3(net, test, 3);
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
  assertEquals(texts.length, 6);
  assertEquals([texts[0], texts[2], texts[4]], ["Ankle boot", "Pullover", "Trouser"]);
  assert(texts.every((text) => text.length > 1 && !/^\d+$/.test(text)));
  for (const loader of [train, test]) loader.dispose();
});
