// Which examples ranks take: PyTorch's shares, one order for all, and going on within an epoch on other ranks.
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { arange, DataLoader, openDevice, type Tensor, TensorDataset } from "../../../mod.ts";
import { DistributedSampler, type DistributedSamplerOptions } from "../../../nn/distributed/mod.ts";

/** As many examples; the sampler only asks how many there are. */
const examples = (length: number) => ({ length, get: (i: number) => [i, 0] });

function shares(length: number, numReplicas: number, options: DistributedSamplerOptions = {}): number[][] {
  return Array.from({ length: numReplicas }, (_, rank) => {
    const sampler = new DistributedSampler(examples(length), { numReplicas, rank, ...options });
    const count = sampler.length, places = [...sampler];
    assertEquals(places.length, count);
    return places;
  });
}

/*
DistributedSampler(range(length), num_replicas=n, rank=r, shuffle=False, drop_last=drop) of PyTorch 1.13, for all r
*/
const TORCH: [length: number, n: number, dropLast: boolean, shares: number[][]][] = [
  [10, 3, false, [[0, 3, 6, 9], [1, 4, 7, 0], [2, 5, 8, 1]]],
  [10, 3, true, [[0, 3, 6], [1, 4, 7], [2, 5, 8]]],
  [2, 5, false, [[0], [1], [0], [1], [0]]],
  [12, 4, true, [[0, 4, 8], [1, 5, 9], [2, 6, 10], [3, 7, 11]]],
  [7, 2, false, [[0, 2, 4, 6], [1, 3, 5, 0]]],
  [5, 4, true, [[0], [1], [2], [3]]],
];

Deno.test("a DistributedSampler shares examples as PyTorch's does", () => {
  for (const [length, n, dropLast, expected] of TORCH) {
    assertEquals(shares(length, n, { shuffle: false, dropLast }), expected, `${length} on ${n}, ${dropLast}`);
  }
});

Deno.test("without padding every example is taken once", () => {
  for (const [length, n] of [[10, 3], [2, 5], [250, 4], [0, 2]]) {
    const all = shares(length, n, { pad: false, seed: 3 }).flat().sort((a, b) => a - b);
    assertEquals(all, Array.from({ length }, (_, i) => i));
  }
});

Deno.test("each epoch has an order of its own, which is that of a DataLoader's pass", async () => {
  await openDevice();
  const data = new TensorDataset(arange(20)), sampler = new DistributedSampler(data, { seed: 9 });
  const loader = new DataLoader(data, { batchSize: 20, shuffle: true, seed: 9 });
  const orders: number[][] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    sampler.setEpoch(epoch);
    orders.push([...sampler]);
    for (const [x] of loader) assertEquals(await x.toArray(), orders[epoch]);
  }
  assertNotEquals(orders[0], orders[1]);
  sampler.setEpoch(1);
  assertEquals([...sampler], orders[1]);
  assertEquals([...sampler], orders[1], "the same epoch once more");
  const joined = shares(20, 4, { seed: 9 });
  assertEquals(Array.from({ length: 20 }, (_, k) => joined[k % 4][Math.floor(k / 4)]), orders[0]);
});

/** What a loader of this rank gives, a list for each batch, until so many were given. */
async function batches(
  loader: Iterable<readonly Tensor[]>,
  most = Infinity,
): Promise<number[][]> {
  const found: number[][] = [];
  for (const [x] of loader) {
    found.push(await x.toArray() as number[]);
    if (found.length === most) break;
  }
  return found;
}

Deno.test("an epoch goes on where it was, on as many ranks and on others", async () => {
  await openDevice();
  const data = new TensorDataset(arange(31)), batchSize = 4;
  const make = (rank: number, numReplicas: number, size = batchSize) => {
    const sampler = new DistributedSampler(data, { rank, numReplicas, seed: 2, pad: false });
    sampler.setEpoch(3);
    return { sampler, loader: new DataLoader(data, { batchSize: size, sampler }) };
  };
  const whole = await Promise.all([0, 1].map((rank) => batches(make(rank, 2).loader)));
  const states = await Promise.all([0, 1].map(async (rank) => {
    const { sampler, loader } = make(rank, 2);
    await batches(loader, 2);
    return sampler.stateDict();
  }));
  assertEquals(states[0], { examples: 31, shuffle: true, seed: 2, epoch: 3, taken: 16 });
  assertEquals(states[1], states[0]);
  const goOn = async (rank: number, n: number, size: number) => {
    const { sampler, loader } = make(rank, n, size);
    sampler.setEpoch(0);
    sampler.loadStateDict(states[0]);
    sampler.setEpoch(3); // as every loop does at the beginning of an epoch
    assertEquals(loader.length, Math.ceil(sampler.length / size));
    return await batches(loader);
  };
  for (const rank of [0, 1]) assertEquals(await goOn(rank, 2, batchSize), whole[rank].slice(2));
  const [before] = [whole.flatMap((each) => each.slice(0, 2).flat())];
  const rest = (await Promise.all([0, 1, 2].map((rank) => goOn(rank, 3, 3)))).flat(2);
  assertEquals([...before, ...rest].sort((a, b) => a - b), Array.from({ length: 31 }, (_, i) => i));
});

Deno.test("an epoch that was at its end has no more, and the next one all", async () => {
  await openDevice();
  const data = new TensorDataset(arange(6)), sampler = new DistributedSampler(data, { shuffle: false });
  const loader = new DataLoader(data, { batchSize: 4, sampler });
  await batches(loader);
  const state = loader.stateDict(), again = new DistributedSampler(data, { shuffle: false });
  const resumed = new DataLoader(data, { batchSize: 4, sampler: again });
  resumed.loadStateDict(state);
  assertEquals([again.epoch, again.nextEpoch], [0, 1]);
  assertEquals([resumed.length, await batches(resumed)], [0, []]);
  again.setEpoch(1);
  assertEquals(await batches(resumed), [[0, 1, 2, 3], [4, 5]]);
});

Deno.test("samplers refuse what does not fit", async () => {
  await openDevice();
  const data = new TensorDataset(arange(6)), sampler = new DistributedSampler(data);
  assertThrows(
    () => new DistributedSampler(data, { numReplicas: 2, rank: 2 }),
    RangeError,
    "one from 0 to 1: 2",
  );
  const { stateDict } = sampler, state = stateDict.call(sampler);
  assertThrows(
    () => sampler.loadStateDict({ ...state, examples: 7, seed: 1 }),
    RangeError,
    "must be of the same examples and order: examples 6 here, 7 in the state; seed 0 here, 1 in the state",
  );
  assertThrows(() => sampler.loadStateDict({ ...state, taken: 7 }), RangeError, "7 of 6 were taken");
  assertThrows(
    () => new DataLoader(data, { sampler, shuffle: true }),
    RangeError,
    "Cannot make a DataLoader as a sampler must be the only one to order examples: shuffle was given too",
  );
  const stray = {
    length: 1,
    *[Symbol.iterator]() {
      yield 6;
    },
  };
  assertThrows(
    () => [...new DataLoader(data, { sampler: stray })],
    RangeError,
    "examples are from 0 to 5: 6",
  );
  assertThrows(
    () => new DataLoader(data, { sampler: stray }).stateDict(),
    TypeError,
    "must have stateDict()",
  );
  const plain = new DataLoader(data, { batchSize: 1 });
  assertThrows(
    () => plain.loadStateDict({ ...plain.stateDict(), sampler: state }),
    RangeError,
    "both must have a sampler with a state: there is none here",
  );
});
