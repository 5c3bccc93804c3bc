// What every text holds to for the compilers of other drivers: choices by bits, and conditions that are no branches.
import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../../ops/gpu/device.ts";
import type { Work } from "../../../ops/gpu/work.ts";
import { ADAPTERS } from "../../../ops/kernels/adapter.ts";
import {
  conv2dForward,
  conv2dInputGradient,
  conv2dWeightGradient,
} from "../../../ops/kernels/conv2d/conv2d.ts";
import { convolveDirect } from "../../../ops/kernels/conv2d/direct/kernel.ts";
import { forwardAxes } from "../../../ops/kernels/conv2d/geometry.ts";
import { matmul } from "../../../ops/kernels/matmul/matmul.ts";
import { IDENTITY } from "../../../ops/kernels/wgsl/epilogue.ts";
import { modulesIn, readSource } from "../../support/imports.ts";
import { blank, geometryOf, sizesOf } from "./conv2d/_conv2d.ts";

await openDevice();

/** A choice between a value and a number by that value's comparison: `select(v, 0.0, v < 0.0)`. */
const CHOICES = [
  /select\(\s*([a-z]\w*),\s*-?[\d.]+,\s*\1\s*[<>]=?\s/g,
  /select\(\s*-?[\d.]+,\s*([a-z]\w*),\s*\1\s*[<>]=?\s/g,
];

Deno.test("no text chooses between a value and a number by comparing the value, which NaN may pass on some drivers", async () => {
  const found: string[] = [];
  for (const path of (await Promise.all(["ops", "nn"].map(modulesIn))).flat()) {
    const source = await readSource(path);
    for (const choice of CHOICES) {
      for (const [text] of source.matchAll(choice)) found.push(`${path}: ${text}`);
    }
  }
  assertEquals(found, []);
  assert("select(v, 0.0, v < 0.0)".match(CHOICES[0]) && "select(1.0, v, v > 1.0)".match(CHOICES[1]));
});

/** Branches that conditions would make, in all texts of a work. */
function branches({ dispatches }: Work): number {
  return dispatches.reduce((sum, { kernel }) => sum + kernel.wgsl.split(/&&|\|\|/).length - 1, 0);
}

Deno.test("what lies inside a tile is told without branches, whose compilation may take the square of their number", async () => {
  const geometry = geometryOf({ n: 2, c: 5, hw: [11, 13], oc: 7, k: [3, 3], pad: [1, 1, 1, 1] });
  const size = sizesOf(geometry), epilogue = IDENTITY;
  const [x, weight, dy, y] = [
    await blank(size.x),
    await blank(size.w),
    await blank(size.y),
    await blank(size.x + size.y),
  ];
  const product = { m: 13, n: 7, k: 9 };
  const forward = { x, weight, bias: null, y, geometry, epilogue };
  for (const adapter of [ADAPTERS.cpu, ADAPTERS.gpu]) {
    const works = [
      conv2dForward(forward, adapter),
      conv2dInputGradient({ dy, weight, y, geometry, epilogue }, adapter),
      conv2dWeightGradient({ x, dy, y, db: null, geometry, epilogue }, adapter),
      matmul({ ...product, a: x, b: weight, y, epilogue }, adapter),
    ];
    for (const work of works) {
      assert(branches(work) <= 2, `${branches(work)} branches, ${adapter.kernels} kernels`);
    }
  }
  for (const order of ["rows", "taps", "window"] as const) {
    const weights = { groups: 1, sources: 5, results: 7, kh: 3, kw: 3, sourceMajor: false };
    const call = {
      name: "test",
      n: 2,
      ...forwardAxes(geometry),
      weights,
      source: x,
      weight,
      bias: null,
      y,
      epilogue,
    };
    assertEquals(
      branches(convolveDirect(call, { rows: 4, cols: 8, channels: 2, order }, ADAPTERS.cpu)),
      0,
      order,
    );
  }
});
