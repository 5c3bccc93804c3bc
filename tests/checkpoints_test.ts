// Networks that PyTorch trained: loaded from its files, they answer as they did there.
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  DataLoader,
  decodeSafetensors,
  evaluateAccuracy,
  FashionMNIST,
  nn,
  noGrad,
  openDevice,
} from "../mod.ts";
import { differences, oraclePath, readOracle, type TensorRecord } from "./support/oracle.ts";
import { assertClose } from "./support/values.ts";

await openDevice();

interface LayerSpec {
  name: string;
  type: string;
  [argument: string]: unknown;
}

interface Checkpoint {
  file: string;
  arch: { type: "Sequential"; layers: LayerSpec[] };
  testImages: number;
  testCorrect: number;
  nearTies: number;
  logits: number[][];
  logitsMaxErrF32: number;
  tensors: Record<string, TensorRecord>;
}

/** Arguments of each layer that go by position. */
const POSITIONAL: Record<string, string[]> = {
  Conv2d: ["inChannels", "outChannels", "kernelSize"],
  AvgPool2d: ["kernelSize"],
  Linear: ["inFeatures", "outFeatures"],
  BatchNorm1d: ["numFeatures"],
  BatchNorm2d: ["numFeatures"],
};

type Layers = Record<string, new (...args: unknown[]) => nn.Module>;

function layer({ name: _, type, ...args }: LayerSpec): nn.Module {
  const Layer = (nn as unknown as Layers)[type], required = POSITIONAL[type] ?? [];
  assert(Layer !== undefined, `nn has no ${type}`);
  const options = Object.entries(args).filter(([name]) => !required.includes(name));
  const given = options.length > 0 ? [Object.fromEntries(options)] : []; // some layers take none
  return new Layer(...required.map((name) => args[name]), ...given);
}

for (const name of ["lenet_fashion_mnist", "lenet_bn_fashion_mnist"]) {
  Deno.test(`${name} answers as it does in PyTorch`, async () => {
    const wanted = readOracle<Checkpoint>(`${name}.json`);
    const net = new nn.Sequential(...wanted.arch.layers.map(layer));
    const state = decodeSafetensors(await Deno.readFile(oraclePath(wanted.file)));
    for (const [name, record] of Object.entries(wanted.tensors)) {
      const exact = { rtol: 0, atol: 0 }, t = state[name];
      assertEquals(differences(record, await t.data(), t.shape, exact), [], name);
    }
    net.loadStateDict(state);
    net.eval();

    const test = await FashionMNIST.load({ split: "test" });
    for (const [x] of new DataLoader(test, { batchSize: 32 })) {
      const logits = noGrad(() => net.forward(x));
      assertEquals(logits.shape, [32, 10]);
      // as for every record of the oracle: 20 times what PyTorch's own float32 is off by
      assertClose(await logits.data(), wanted.logits.flat(), { atol: 20 * wanted.logitsMaxErrF32 });
      break;
    }
    const loader = new DataLoader(test, { batchSize: 500 });
    const correct = Math.round(await evaluateAccuracy(net, loader) * test.length);
    assertEquals(test.length, wanted.testImages);
    assertLessOrEqual(Math.abs(correct - wanted.testCorrect), wanted.nearTies);
    for (const t of Object.values(state)) t.dispose();
    loader.dispose();
    net.dispose();
  });
}
