// The model of a step's cost against what was measured on two cores (docs/distributed.md), within 20 %.
import { assert, assertAlmostEquals } from "@std/assert";
import { allReduce, type Setting, step } from "./distributed_model.ts";

/** Milliseconds of tests/bench/distributed.ts on two cores, the smaller of two medians: LeNet, 240 images by all ranks. */
const MEASURED = [
  {
    ranks: 2,
    compute: 18.4,
    read: 11.8,
    latency: 0.012,
    bandwidth: 0.70,
    sum: 0.37,
    sync: 34.8,
    delayed: 17.8,
    diloco: 17.1,
  },
  {
    ranks: 3,
    compute: 23.5,
    read: 12.9,
    latency: 0.022,
    bandwidth: 0.51,
    sum: 0.72,
    sync: 42.4,
    delayed: 26.4,
    diloco: 24.7,
  },
  {
    ranks: 4,
    compute: 21.7,
    read: 12.0,
    latency: 0.016,
    bandwidth: 0.49,
    sum: 0.82,
    sync: 40.4,
    delayed: 24.2,
    diloco: 22.9,
  },
];

Deno.test("the model of a step is within 20 % of what was measured", () => {
  for (const { sum, sync, delayed, diloco, ...rest } of MEASURED) {
    const setting: Setting = { ...rest, megabytes: 0.247 };
    const pairs = { sum: [allReduce(setting, "ranks"), sum], sync: [step(setting, "sync"), sync] };
    const others = { delayed: [step(setting, "delayed"), delayed], diloco: [step(setting, 10), diloco] };
    for (const [name, [modelled, measured]] of Object.entries({ ...pairs, ...others })) {
      const off = modelled / measured - 1;
      assert(Math.abs(off) < 0.2, `${name} of ${rest.ranks} ranks: ${modelled} for ${measured}`);
    }
  }
});

Deno.test("a tree has fewer messages than ranks that send to all, and as many bytes", () => {
  const setting = { ranks: 1024, compute: 1, read: 0, megabytes: 0, latency: 1, bandwidth: 1 };
  assertAlmostEquals(allReduce(setting, "ranks"), 2046, 1e-9);
  assertAlmostEquals(allReduce(setting, "tree"), 20, 1e-9);
  assertAlmostEquals(allReduce({ ...setting, latency: 0, megabytes: 1024 }, "tree"), 2046, 1e-9);
});
