/**
 * What a network looks like inside: what its layers answer to images, and the filters of its first convolution. Everything is
 * left as it was.
 *
 * @module
 */
import { nn, noGrad, scope, type Tensor, tensor } from "../../mod.ts";
import { filterOf, imageOf, mapsOf } from "./pictures.ts";
import type { ActivationsEvent, FiltersEvent } from "./run_view.ts";
import type { TestImage } from "./test_images.ts";

/** Layers, channels of a layer, filters, mistakes and classes that are shown at most. */
const MOST = { layers: 6, channels: 16, filters: 64, mistakes: 12, classes: 30 };

/** A part of an event that does not know its epoch. */
type Part<E> = Omit<E, "kind" | "epoch">;

/** Does something with the network in evaluation mode, and gives each module its own mode back. */
async function inEvaluation<T>(net: nn.Module, action: () => T | Promise<T>): Promise<T> {
  const modes = net.modules().map((module) => [module, module.training] as const);
  net.eval();
  try {
    return await action();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}

/** The layers whose answers are shown: convolutions, evenly chosen where there are many. */
function shownLayers(net: nn.Module): [path: string, module: nn.Module][] {
  const all = net.namedModules().filter(([, { constructor: { name } }]) => /Conv/.test(name)),
    { length } = all;
  if (length <= MOST.layers) return all;
  return Array.from(
    { length: MOST.layers },
    (_, k) => all[Math.round(k * (length - 1) / (MOST.layers - 1))]!,
  );
}

/** The shape of maps: images, channels, height and width. */
type Maps = readonly [n: number, channels: number, height: number, width: number];

/** What layers answer to images; null where no layer answers with maps. */
export async function activations(
  net: nn.Module,
  images: readonly TestImage[],
): Promise<Pick<ActivationsEvent, "images" | "layers"> | null> {
  const [first] = images;
  if (first === undefined) return null;
  const { shape } = first, caught: { path: string; type: string; y: Tensor }[] = [];
  const values = Float32Array.from(images.flatMap((image) => Array.from(image.values)));
  using _ = scope();
  const reading = await inEvaluation(net, () => {
    const hooks = shownLayers(net).map(([path, module]) =>
      module.registerForwardHook((_module, _inputs, y) => {
        const { constructor: { name: type } } = module;
        if (isMaps(y)) caught.push({ path, type, y });
      })
    );
    try {
      noGrad(() => net.forward(tensor(values, { shape: [images.length, ...shape] })));
    } finally {
      for (const hook of hooks) hook.remove();
    }
    return Promise.all(caught.map(({ y }) => y.data()));
  });
  if (caught.length === 0) return null;
  return {
    images: images.map(({ place, label, values, shape }) => ({
      place,
      label,
      picture: imageOf(values, shape),
    })),
    layers: caught.map(({ path, type, y }, k) => layerOf(path, type, y.shape as Maps, reading[k]!)),
  };
}

function isMaps(y: unknown): y is Tensor {
  const { shape } = Object(y) as { shape?: readonly number[] };
  return shape?.length === 4 && shape[2]! * shape[3]! > 1;
}

function layerOf(
  path: string,
  type: string,
  [n, channels, height, width]: Maps,
  values: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> },
): ActivationsEvent["layers"][number] {
  const size = height * width, maps: ReturnType<typeof mapsOf>[] = Array.from({ length: n }, () => []);
  for (let c = 0; c < Math.min(channels, MOST.channels); c++) {
    const planes = maps.map((_, i) =>
      values.subarray((i * channels + c) * size, (i * channels + c + 1) * size)
    );
    mapsOf(planes, height, width).forEach((map, i) => maps[i]!.push(map));
  }
  return { path, type, channels, height, width, maps };
}

/** The filters of the first convolution; null where there is none. */
export async function filters(net: nn.Module): Promise<Part<FiltersEvent> | null> {
  for (const [path, module] of net.namedModules()) {
    if (!(module instanceof nn.Conv2d)) continue;
    const { weight } = module, [count, , height, width] = weight.shape as Maps, values = await weight.data();
    const largest = Array.from(values, Math.abs).reduce((a, b) => Math.max(a, b), 0),
      size = values.length / count;
    const pictures = Array.from(
      { length: Math.min(count, MOST.filters) },
      (_, k) => filterOf(values.subarray(k * size, k * size + height * width), height, width, largest),
    ); // of the first input
    return { path, count, largest, pictures };
  }
  return null;
}
