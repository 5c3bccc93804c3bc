/**
 * A convolution's weight gradient for few channels on a GPU: rows of x and of dy in workgroup memory.
 *
 * A workgroup takes some result channels and some source channels of a group, and a chunk of the images. It brings a band of
 * rows of both, x with zeros where there is padding, and an invocation multiplies a few result channels with one source
 * channel at all taps, row by row of dy; the rows of a band are shared among several invocations where channels are
 * few. An invocation's sums stay in registers over all of its images and are stored as partial sums, which a second pass
 * adds up in order, with those of dy itself, the bias's gradient.
 *
 * @module
 */
import { Storage } from "../../../gpu/storage.ts";
import type { Work } from "../../../gpu/work.ts";
import type { Adapter } from "../../adapter.ts";
import { Memo } from "../../memo.ts";
import { chunkSum } from "../../matmul/matmul.ts";
import { dispatch, type KernelParts } from "../../wgsl/source.ts";
import { all, range, read, u32s, vector, vectorOf, write } from "../../wgsl/text.ts";
import {
  type Conv2dGeometry,
  type Conv2dWeightGradientCall,
  forwardAxes,
  sourceOffset,
} from "../geometry.ts";
import { gradientPass } from "../implicit/weight_gradient.ts";
import { weightGradientName } from "../weight_gradient/kernel.ts";
import { type GradientLayout, gradientLayout, type GradientTile } from "./gradient_layout.ts";
import { wholeWaves } from "./layout.ts";

const VEC4 = vectorOf("f32", 4);
const texts = new Memo<KernelParts>();
/** Workgroups that keep a large GPU busy, and products that a sum takes in at most. */
const ENOUGH_WORKGROUPS = 256, LONGEST_CHAIN = 1024;

/** Makes the dispatches of a weight gradient with a given tile. */
export function sharedRowsGradient(
  call: Conv2dWeightGradientCall,
  tile: GradientTile,
  adapter: Adapter,
): Work {
  const { x, dy, db, geometry: g } = call, layout = gradientLayout(g, tile)!;
  const groups = layout.resultGroups * layout.sourceGroups * g.groups;
  const most = Math.max(1, Math.floor(LONGEST_CHAIN * layout.shares / (g.outH * g.outW)));
  const length = Math.min(most, Math.ceil(g.n / Math.ceil(ENOUGH_WORKGROUPS / groups)));
  const chunks = Math.ceil(g.n / length), slots = chunks * layout.shares, pass = gradientPass(call);
  const size = pass.batches * pass.m * pass.n;
  const partial = new Storage(x.device, 4 * slots * size);
  const partialRows = db ? new Storage(x.device, 4 * slots * g.oc) : null;
  const parts = texts.get([{ ...g, n: 0 }, tile, db !== null], () => partsOf(g, layout, db !== null));
  const main = dispatch(
    parts,
    [dy, x, partial, ...(partialRows ? [partialRows] : [])],
    [g.n, length],
    chunks * groups * parts.workgroupSize,
    pass.flops,
  );
  return {
    dispatches: [main, chunkSum(pass, partial, partialRows, slots, adapter)],
    temporaries: partialRows ? [partial, partialRows] : [partial],
  };
}

function partsOf(g: Conv2dGeometry, layout: GradientLayout, withBias: boolean): KernelParts {
  const { tile, shares, bands, band, height, xPitch, dyPitch, resultGroups, sourceGroups } = layout;
  const { results, resultTiles, sources } = tile, threads = wholeWaves(resultTiles * sources * shares);
  const names = sumNames(g, tile);
  const body = `
  let sourceGroup = group % ${sourceGroups}u;
  let resultGroup = group / ${sourceGroups}u % ${resultGroups}u;
  let part = group / ${sourceGroups * resultGroups}u % ${g.groups}u;
  let chunk = group / ${sourceGroups * resultGroups * g.groups}u;
  let s0 = sourceGroup * ${sources}u;
  let o0 = resultGroup * ${results * resultTiles}u;
  let ownSource = local % ${sources}u;
  let ownResults = local / ${sources}u % ${resultTiles}u * ${results}u;
  let share = local / ${sources * resultTiles}u;
  ${names.map((name) => `var ${name} = ${vectorOf("f32", results)}();`).join(" ")}
  ${withBias ? `var bias = ${vectorOf("f32", results)}();` : ""}
  let end = min(u.n, (chunk + 1u) * u.length) * ${bands}u;
  for (var turn = chunk * u.length * ${bands}u; turn < end; turn++) {
    let image = turn / ${bands}u;
    let first = turn % ${bands}u * ${band}u;
    workgroupBarrier();
    ${fillText(g, layout, threads)}
    workgroupBarrier();
    for (var r = select(${band}u, share, share < ${shares}u); r < ${band}u; r += ${shares}u) {
      let dyAt = (ownResults * ${band}u + r) * ${dyPitch}u;
      let xAt = (ownSource * ${height}u + r * ${g.strideH}u) * ${xPitch}u;
      ${rowText(g, layout, withBias)}
    }
  }
  ${storesText(g, layout, withBias)}`;
  return {
    name: weightGradientName(g),
    bindings: [
      read("dy", "f32"),
      read("x", "f32"),
      write("partial", "f32"),
      ...(withBias ? [write("partialBias", "f32")] : []),
    ],
    numberDecls: u32s("n", "length"),
    declarations: `var<workgroup> xRows: array<${VEC4}, ${sources * height * xPitch}>;
var<workgroup> dyRows: array<${VEC4}, ${results * resultTiles * band * dyPitch}>;`,
    workgroupSize: threads,
    body,
  };
}

/** The sum of the weights at a tap, one value for each of the invocation's result channels. */
function sumName(ky: number, kx: number): string {
  return `a${ky}_${kx}`;
}

function sumNames({ kh, kw }: Conv2dGeometry, _tile: GradientTile): string[] {
  return range(kh).flatMap((ky) => range(kw).map((kx) => sumName(ky, kx)));
}

/** Brings the rows of a band: those of x, padding included, and those of dy, with zeros behind their end. */
function fillText(g: Conv2dGeometry, layout: GradientLayout, threads: number): string {
  const { tile, band, height, xPitch, dyPitch } = layout, sources = g.c / g.groups, results = g.oc / g.groups;
  const ofX = range(4).map((l) =>
    `select(0.0, x[start + u32(column + ${l})], ${all("isRow", `u32(column + ${l}) < ${g.w}u`)})`
  );
  const ofDy = range(4).map((l) =>
    `select(0.0, dy[start + ${l}u], ${
      all("isRow", ...(g.outW % 4 === 0 ? [] : [`column + ${l}u < ${g.outW}u`]))
    })`
  );
  return `for (var i = local; i < ${tile.sources * height * xPitch}u; i += ${threads}u) {
      let column = i32(i % ${xPitch}u * 4u) - ${g.padLeft};
      let row = i32(first * ${g.strideH}u + i / ${xPitch}u % ${height}u) - ${g.padTop};
      let channel = min(s0 + i / ${xPitch * height}u, ${sources - 1}u);
      let isRow = u32(row) < ${g.h}u;
      let start = ((image * ${g.groups}u + part) * ${sources}u + channel) * ${
    g.h * g.w
  }u + u32(row) * ${g.w}u;
      xRows[i] = ${vector("f32", ofX)};
    }
    for (var i = local; i < ${tile.results * tile.resultTiles * band * dyPitch}u; i += ${threads}u) {
      let column = i % ${dyPitch}u * 4u;
      let row = first + i / ${dyPitch}u % ${band}u;
      let channel = min(o0 + i / ${dyPitch * band}u, ${results - 1}u);
      let isRow = row < ${g.outH}u;
      let start = (((image * ${g.groups}u + part) * ${results}u + channel) * ${g.outH}u + row) * ${g.outW}u + column;
      dyRows[i] = ${vector("f32", ofDy)};
    }`;
}

/** The products of row `r` of the band: four columns of dy after the other, with all taps. */
function rowText(g: Conv2dGeometry, layout: GradientLayout, withBias: boolean): string {
  const { tile: { results }, band, xPitch, dyPitch } = layout, { cols } = forwardAxes(g);
  const place = (j: number, kx: number) => sourceOffset(cols, j, kx)! + cols.pad;
  const known = new Set<string>();
  return range(dyPitch).map((q) => {
    const columns = range(Math.min(4, g.outW - 4 * q));
    const loads = range(results).map((o) => `let d${q}_${o} = dyRows[dyAt + ${o * band * dyPitch + q}u];`);
    const gradients = (j: number) => vector("f32", range(results).map((o) => `d${q}_${o}[${j}]`));
    const lines = columns.map((j) => `let g${q}_${j} = ${gradients(j)};`);
    if (withBias) lines.push(...columns.map((j) => `bias += g${q}_${j};`));
    for (const ky of range(g.kh)) {
      for (const kx of range(g.kw)) {
        for (const j of columns) {
          const at = place(4 * q + j, kx), name = `x${ky}_${at >> 2}`;
          if (!known.has(name)) {
            known.add(name);
            lines.push(`let ${name} = xRows[xAt + ${ky * g.dilationH * xPitch + (at >> 2)}u];`);
          }
          const source = `${name}[${at & 3}]`, sum = sumName(ky, kx);
          const value = results === 1 ? source : `${vectorOf("f32", results)}(${source})`;
          lines.push(`${sum} = fma(g${q}_${j}, ${value}, ${sum});`);
        }
      }
    }
    return [...loads, ...lines].join(" ");
  }).join("\n");
}

/** Stores an invocation's sums among the partial ones, `[chunk, share, group, result, source, ky, kx]`. */
function storesText(g: Conv2dGeometry, { tile, shares }: GradientLayout, withBias: boolean): string {
  const results = g.oc / g.groups, sources = g.c / g.groups, taps = g.kh * g.kw;
  const lane = (name: string, o: number) => tile.results === 1 ? name : `${name}[${o}]`;
  const stores = range(tile.results).map((o) => {
    const weights = range(g.kh).flatMap((ky) =>
      range(g.kw).map((kx) => `partial[at + ${ky * g.kw + kx}u] = ${lane(sumName(ky, kx), o)};`)
    );
    return `if (${
      all(`o + ${o}u < ${results}u`, `s < ${sources}u`, `share < ${shares}u`, "chunk * u.length < u.n")
    }) {
      let at = ((slot * ${g.groups}u + part) * ${results}u + o + ${o}u) * ${sources * taps}u + s * ${taps}u;
      ${weights.join(" ")}
      ${
      withBias
        ? `if (s == 0u) { partialBias[(slot * ${g.groups}u + part) * ${results}u + o + ${o}u] = ${
          lane("bias", o)
        }; }`
        : ""
    }
    }`;
  });
  return `let o = o0 + ownResults;
  let s = s0 + ownSource;
  let slot = chunk * ${shares}u + share;
  ${stores.join("\n  ")}`;
}
