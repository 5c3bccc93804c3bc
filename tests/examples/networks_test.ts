import { assert, assertEquals, assertThrows } from "@std/assert";
import { NETWORKS, openWeights, trainedNetwork } from "../../examples/networks.ts";
import {
  encodeSafetensors,
  manualSeed,
  nn,
  noGrad,
  openDevice,
  rand,
  saveCheckpoint,
  scope,
} from "../../mod.ts";
import { undisposed } from "../support/memory.ts";
import { tempFolder } from "../data/_fixtures.ts";

const device = await openDevice();

Deno.test("every network of the study is found again by its weights, or its name", async () => {
  using _ = scope();
  const x = rand([1, 1, 28, 28]);
  for (const [name, make] of Object.entries(NETWORKS)) {
    manualSeed(1);
    const net = make(), bytes = await encodeSafetensors(net.stateDict());
    net.eval();
    const found = trainedNetwork(bytes), names = [found.name, ...found.others];
    assert(names.some((each) => `${NETWORKS[each]()}` === `${net}`), `${name} is not among ${names}`);
    const named = trainedNetwork(bytes, { network: name });
    assertEquals([named.name, named.others, `${named.net}`], [name, [], `${net}`]);
    const [y, again] = noGrad(() => [net.forward(x), named.net.forward(x)]);
    assertEquals(await again.data(), await y.data(), name);
  }
});

Deno.test("a checkpoint says which network it is of, and what it was trained on", async () => {
  await using folder = await tempFolder();
  const settings = { network: "max pooling", dataset: "mnist" }, file = `${folder.path}/a.safetensors`;
  await saveCheckpoint(file, { net: NETWORKS["max pooling"](), settings });
  const bytes = await Deno.readFile(file), { name, dataset, others } = trainedNetwork(bytes);
  assertEquals([name, dataset, others], ["max pooling", "mnist", []]);
  assertEquals(trainedNetwork(bytes, { network: "LeNet" }).name, "LeNet");
});

Deno.test("the run.json beside weights says which network they are of, and what it was trained on", async () => {
  await using folder = await tempFolder();
  const weights = `${folder.path}/lenet.safetensors`, net = NETWORKS["max pooling"]();
  await Deno.writeFile(weights, await encodeSafetensors(net.stateDict()));
  const opened = async (args: { network?: string; dataset?: string } = {}) => {
    const { name, dataset, others } = await openWeights({ weights, ...args });
    return [name, dataset, others.length];
  };
  assertEquals(await opened(), ["LeNet", "fashion-mnist", 2]);
  const run = { network: "max pooling", parameters: 1, multiplyAdds: 1, device: "a", command: "b" };
  await Deno.writeTextFile(
    `${folder.path}/run.json`,
    JSON.stringify({ ...run, settings: { dataset: "mnist" } }),
  );
  assertEquals(await opened(), ["max pooling", "mnist", 0]);
  assertEquals(await opened({ network: "LeNet", dataset: "fashion-mnist" }), ["LeNet", "fashion-mnist", 0]);
  await Deno.writeTextFile(`${folder.path}/run.json`, "of another program");
  assertEquals(await opened(), ["LeNet", "fashion-mnist", 2]);
});

Deno.test("weights of other networks are refused with what they are, and nothing is left", async () => {
  const bytes = await encodeSafetensors(new nn.Linear(2, 3).stateDict()), before = undisposed(device);
  assertThrows(
    () => trainedNetwork(bytes),
    RangeError,
    "Cannot use the weights as they must be of a network of the study: they are weight [3, 2], bias [3]",
  );
  assertEquals(undisposed(device), before);
});
