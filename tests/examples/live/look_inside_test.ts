// What the live page shows of a network: it is right, and looking changes nothing.
import { assert, assertEquals } from "@std/assert";
import { loadDataFashionMnist } from "../../../examples/d2l.ts";
import { Looker } from "../../../examples/live/looker.ts";
import { activations, filters } from "../../../examples/live/look_inside.ts";
import { filterOf, imageOf, pictureOf } from "../../../examples/live/pictures.ts";
import type { LiveEvent, LivePicture } from "../../../examples/live/run_view.ts";
import { hasPlaces, readImages } from "../../../examples/live/test_images.ts";
import { TestWatch } from "../../../examples/live/test_watch.ts";
import {
  DataLoader,
  evaluateAccuracy,
  type ImageDataset,
  manualSeed,
  nn,
  openDevice,
  type Subset,
  type Tensor,
} from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";

const device = await openDevice();
const [, test] = await loadDataFashionMnist(64, { limit: 300 });

function network(): nn.Sequential {
  manualSeed(5);
  return new nn.Sequential(
    new nn.Conv2d(1, 20, 5),
    new nn.BatchNorm2d(20),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Dropout(0.5),
    new nn.Linear(20 * 24 * 24, 10),
  );
}

/** The test batches as an array, which holds them. */
function copies(): [Tensor, Tensor][] {
  const batches: [Tensor, Tensor][] = [];
  for (const [x, y] of test) batches.push([x.clone(), y.clone()]);
  return batches;
}

const bytesOf = ({ data }: LivePicture) => Array.from(atob(data), (c) => c.charCodeAt(0));

Deno.test("the matrix is of the test that was made, and the worst mistakes are the test images", async () => {
  const net = network();
  using watch = new TestWatch();
  for (const compile of [true, false]) {
    const accuracy = await evaluateAccuracy(net, test, { compile }), found = (await watch.take(test))!;
    assertEquals([found.tried, found.matrix.flat().reduce((a, b) => a + b)], [300, 300]);
    assertEquals(found.matrix.reduce((sum, row, k) => sum + row[k], 0) / 300, accuracy);
  }
  assertEquals(await watch.take(test), null);
  const state = JSON.stringify(test.stateDict()), held = undisposed(device);
  await evaluateAccuracy(net, test);
  const found = (await watch.take(test))!;
  assertEquals([JSON.stringify(test.stateDict()), undisposed(device)], [state, held]);
  await evaluateAccuracy(net, copies().slice(0, 1));
  assertEquals(await watch.take(test), null); // others were tested
  const whole = (test.dataset as Subset).dataset as ImageDataset;
  assertEquals(found.worst.length, 12);
  for (const { place, label, guess, probability, loss, picture } of found.worst) {
    assertEquals(label, whole.labels.data[place]);
    assert(guess !== label && probability > 0 && probability <= 1 && loss > 0);
    assertEquals(bytesOf(picture), [...whole.images.data.subarray(784 * place, 784 * (place + 1))]);
  }
  const losses = found.worst.map(({ loss }) => loss);
  assertEquals(losses, losses.toSorted((a, b) => b - a));
  const shuffled = new DataLoader(test.dataset, { batchSize: 64, shuffle: true });
  await evaluateAccuracy(net, shuffled);
  const { tried, worst } = (await watch.take(shuffled))!;
  assertEquals([tried, worst], [300, []]);
});

Deno.test("activations are those of the network in evaluation mode, on one scale a channel, and leave nothing", async () => {
  const net = network(), images = [...(await readImages(test, [2, 70, 9999])).values()];
  const same = [...(await readImages(copies(), [2, 70, 9999])).values()];
  assertEquals(same, images);
  assertEquals(images.map(({ place, shape }) => [place, ...shape]), [[2, 1, 28, 28], [70, 1, 28, 28]]);
  const held = undisposed(device), { layers, images: shown } = (await activations(net, images))!;
  assertEquals(undisposed(device), held);
  assertEquals([layers.length, layers[0].channels, layers[0].maps.length, layers[0].maps[0].length], [
    1,
    20,
    2,
    16,
  ]);
  assertEquals([layers[0].path, layers[0].type, layers[0].height], ["0", "Conv2d", 24]);
  for (let c = 0; c < 16; c++) {
    const bytes = layers[0].maps.map((maps) => bytesOf(maps[c]));
    assertEquals([Math.min(...bytes.flat()), Math.max(...bytes.flat())], [0, 255]);
  }
  assertEquals(shown.map(({ place }) => place), [2, 70]);
  assertEquals(net.modules().every(({ training }) => training), true);
  const { count, pictures, largest } = (await filters(net))!;
  assertEquals([count, pictures.length, pictures[0].height], [20, 20, 5]);
  assert(largest > 0 && largest <= 0.2);
  assertEquals(await activations(new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 2)), images), null);
});

Deno.test("a looker looks at once, then rarely, at the end of all, and at what is chosen", async () => {
  const told: LiveEvent[] = [], net = network();
  using looker = new Looker((event) => told.push(event));
  looker.begin({ epochs: 2 });
  const kinds = () => told.splice(0).map((event) => event.kind);
  await looker.look({ net, test }, { epoch: 1, isEnd: false });
  assertEquals(kinds(), ["filters", "activations"]);
  await looker.look({ net, test }, { epoch: 1, isEnd: false });
  assertEquals(kinds(), []);
  looker.choose([5, 12]);
  await evaluateAccuracy(net, test);
  await looker.look({ net, test }, { epoch: 1, isEnd: true });
  const chosen = told.find((event) => event.kind === "activations");
  assertEquals(chosen?.kind === "activations" && chosen.images.map(({ place }) => place), [5, 12]);
  assertEquals(kinds(), ["filters", "activations", "tests"]);
  looker.choose([99999]); // which is not there
  await evaluateAccuracy(net, test);
  const seen = await looker.look({ net, test }, { epoch: 2, isEnd: true });
  assertEquals(kinds(), ["filters", "activations", "tests"]);
  const last = seen.find((event) => event.kind === "activations");
  assertEquals(last?.kind === "activations" && last.images.length, 4);
  const shuffled = new DataLoader(test.dataset, { batchSize: 8, shuffle: true });
  assertEquals([hasPlaces(shuffled), hasPlaces(test), hasPlaces(undefined)], [false, true, false]);
  looker.begin({ epochs: 1 });
  await looker.look({ net, test: shuffled }, { epoch: 1, isEnd: true });
  assertEquals(kinds(), ["filters"]);
});

Deno.test("pictures are bytes: images in their range, colours, filters around gray, large ones brought down", () => {
  assertEquals(bytesOf(imageOf([0, 0.5, 1, 0.25], [1, 2, 2])), [0, 128, 255, 64]);
  assertEquals(bytesOf(imageOf([-1, 0, 1, 3], [1, 2, 2])), [0, 64, 128, 255]);
  const color = imageOf([1, 0, 0, 1, 0, 0], [3, 1, 2]);
  assertEquals([color.channels, bytesOf(color)], [3, [255, 0, 0, 0, 255, 0]]);
  assertEquals(bytesOf(filterOf([-2, 0, 2, 1], 2, 2, 2)), [0, 128, 255, 191]);
  assertEquals(bytesOf(pictureOf([NaN, 2], 1, 2)), [0, 255]);
  const { height, width, data } = pictureOf(new Float32Array(256 * 128).fill(1), 256, 128);
  assertEquals([height, width, atob(data).length], [64, 32, 2048]);
});
