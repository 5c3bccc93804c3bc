/**
 * Pooling in patches of a plane, for CPU adapters, where windows have no padding and no dilation, all lie inside, and
 * averages are divided by their size.
 *
 * An invocation computes `rows` rows of windows by `columns` windows: whole rows where the image is narrow, so that
 * two rows of width 14 are seven vec4s, else some columns of a row. Everything it reads is loaded once, as vec4s,
 * and its windows are written out in the text. The gradient, where windows do not overlap, is the
 * same in reverse: it reads a patch of `dy` and writes the places that those windows cover, with the zeros between and
 * beyond them.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import type { Epilogue, EpilogueText } from "../wgsl/epilogue.ts";
import { type BindingDecl, dispatch } from "../wgsl/source.ts";
import { inVectors, range, read, u32s, vector, vectorOf, write } from "../wgsl/text.ts";
import { addToMax, declarations, declareMax, type ForwardJob, type GradientJob } from "./by_element.ts";
import { isInside, type Pool2dGeometry } from "./windows.ts";

/** The most elements that an invocation reads (forward) or writes (gradient), and the most in all its windows. */
const MOST_ELEMENTS = 64, MOST_TAPS = 400;

interface Patch {
  /** Windows of a patch. */
  readonly rows: number;
  readonly columns: number;
  /** Whether patches of `y` begin at vec4s. */
  readonly outVec: boolean;
}

/** Finds the best patch whose elements in `x` begin at vec4s; null where there is none. */
function patchOf(g: Pool2dGeometry, adapter: Adapter): Patch | null {
  const { h, w, outH, outW, kernel: [kh, kw], stride: [sh, sw], dilation = [1, 1] } = g;
  const isDense = dilation[0] === 1 && dilation[1] === 1;
  if (adapter.kernels !== "cpu" || !isInside(g) || !isDense || h * w % 4) return null;
  const fits = (rows: number, columns: number, width: number) =>
    rows * columns * kh * kw <= MOST_TAPS &&
    Math.max((rows - 1) * sh + kh, rows * sh) * width <= MOST_ELEMENTS;
  const whole = range(outH + 1).slice(1).filter((r) => r * sh * w % 4 === 0 && fits(r, outW, w));
  const isVec = (r: number) => r * outW % 4 === 0 && outH * outW % 4 === 0;
  // Rows computed in all, with what every patch costs besides: a large patch is good, a mostly empty last one is not.
  const cost = (r: number) => Math.ceil(outH / r) * (r + 1);
  const best = (rows: number[]) => rows.toSorted((a, b) => cost(a) - cost(b) || b - a).at(0);
  const rows = best(whole.filter(isVec)) ?? best(whole);
  if (rows) return { rows, columns: outW, outVec: isVec(rows) };
  if (w % 4 || outW % 4) return null;
  const columns = [16, 8, 4].find((c) => outW % c === 0 && fits(1, c, Math.max((c - 1) * sw + kw, c * sw)));
  return columns ? { rows: 1, columns, outVec: true } : null;
}

/** Text that loads elements of a patch as vec4s or one by one, each once, when they are first asked for. */
class Patches {
  readonly lines: string[] = [];
  readonly #loaded = new Set<string>();

  /** The element `e` places after `start` in `name`; with `vec` both start and binding are in vec4s. */
  element(name: string, start: string, e: number, vec: boolean): string {
    const i = vec ? e >> 2 : e, value = `${name}${i}`;
    if (!this.#loaded.has(value)) {
      this.#loaded.add(value);
      this.lines.push(`let ${value} = ${name}[${start} + ${i}u];`);
    }
    return vec ? `${value}[${e % 4}]` : value;
  }
}

/** Statements that find a patch: its first window `oy`, `ox`, and where it begins in the larger and the smaller image. */
function findPatch(
  { h, w, outH, outW, stride: [sh, sw] }: Pool2dGeometry,
  { rows, columns }: Patch,
  down: number,
): string {
  const across = outW / columns;
  return `
  let ox = id % ${across}u * ${columns}u;
  let oy = id / ${across}u % ${down}u * ${rows}u;
  let plane = id / ${across * down}u;
  let place = oy * ${sh * w}u + ox * ${sw}u;
  let xFirst = plane * ${h * w}u + place;
  let yFirst = plane * ${outH * outW}u + oy * ${outW}u + ox;`;
}

/** Applies the epilogue to neighbouring values and stores them at element `index` of `name`. */
function store(name: string, epilogue: EpilogueText, values: string[], index: string, tag: string): string {
  const done = epilogue.apply(values, `(${index})`, tag);
  return `${done.code} ${name}[${inVectors(index, values.length as 1 | 4)}] = ${vector("f32", done.values)};`;
}

/** Makes the dispatch of a pooling in patches; null where they are not possible. */
export function forwardByPatch(job: ForwardJob, g: Pool2dGeometry, adapter: Adapter): Work | null {
  const patch = patchOf(g, adapter);
  if (!patch) return null;
  const { kind, indices, epilogue } = job, { rows, columns, outVec } = patch;
  const down = Math.ceil(g.outH / rows), patches = g.n * g.c * down * (g.outW / columns);
  if (patches === 0) return { dispatches: [], temporaries: [] };
  const lanes = outVec && epilogue.allowsVec4 ? 4 : 1, text = epilogue.text(lanes);
  const body = `${findPatch(g, patch, down)}
  ${poolWindows(job, g, patch).join("\n  ")}
  let left = (${g.outH}u - oy) * ${g.outW}u;
  if (id < u.patches) {
    ${storeWindows(job, g, patch, text, lanes).join("\n    ")}
  }`;
  const kernel = {
    name: `${kind}_pool2d`,
    bindings: [
      read("x", vectorOf("f32", 4)),
      write("y", vectorOf("f32", lanes)),
      ...(indices ? [write("indices", vectorOf("i32", lanes))] : []),
    ],
    storages: [job.x, job.y, ...(indices ? [indices] : [])],
    epilogue,
    text,
    body,
    patches,
  };
  return { dispatches: [patchDispatch(kernel, g, adapter)], temporaries: [] };
}

/** Loads a patch and pools its windows: `best0`, `best1`, … with the places `place0`, …, or `mean0`, …. */
function poolWindows(
  { kind, indices }: ForwardJob,
  { w, kernel: [kh, kw], stride: [sh, sw] }: Pool2dGeometry,
  { rows, columns }: Patch,
): string[] {
  const x = new Patches();
  for (const r of range(rows)) {
    for (const c of range(columns)) {
      const taps = range(kh).flatMap((ky) => range(kw).map((kx) => (r * sh + ky) * w + c * sw + kx));
      const values = taps.map((e) => x.element("x", "xFirst / 4u", e, true));
      const tag = `${r * columns + c}`, at = (e: number) => indices ? `i32(place) + ${e}` : null;
      if (kind === "max") {
        x.lines.push(declareMax(tag, at(taps[0]!)), ...values.map((v, i) => addToMax(tag, v, at(taps[i]!))));
      } else {
        x.lines.push(`let mean${tag} = (${values.join(" + ")}) / ${kh * kw}.0;`);
      }
    }
  }
  return x.lines;
}

/** Stores what `poolWindows` found, `lanes` windows at a time. */
function storeWindows(
  { kind, indices }: ForwardJob,
  { outH }: Pool2dGeometry,
  { rows, columns }: Patch,
  text: EpilogueText,
  lanes: 1 | 4,
): string[] {
  return range(rows * columns, lanes).map((first) => {
    const tags = range(lanes).map((l) => first + l), index = `yFirst + ${first}u`;
    const values = tags.map((t) => kind === "max" ? `best${t}` : `mean${t}`);
    const found = vector("i32", tags.map((t) => `place${t}`));
    const places = indices ? `indices[${inVectors(index, lanes)}] = ${found};` : "";
    const stores = `${store("y", text, values, index, `${first}`)} ${places}`;
    return outH % rows === 0 ? stores : `if (${first}u < left) { ${stores} }`;
  });
}

/** Makes the dispatch of a gradient in patches; null where they are not possible. */
export function gradientByPatch(job: GradientJob, g: Pool2dGeometry, adapter: Adapter): Work | null {
  const { kind, indices, epilogue } = job;
  const { h, w, outW, kernel: [kh, kw], stride: [sh, sw] } = g;
  const patch = kh <= sh && kw <= sw ? patchOf(g, adapter) : null;
  if (!patch || (patch.columns < outW && w !== outW * sw)) return null;
  const { rows, columns, outVec } = patch;
  const down = Math.ceil(h / (rows * sh)), patches = g.n * g.c * down * (outW / columns);
  if (patches === 0) return { dispatches: [], temporaries: [] };
  const lanes = epilogue.allowsVec4 ? 4 : 1, text = epilogue.text(lanes), given = outVec ? 4 : 1;
  const body = `${findPatch(g, patch, down)}
  ${loadShares(job, g, patch, down).join("\n  ")}
  let left = ${h * w}u - oy * ${sh * w}u;
  if (id < u.patches) {
    ${storeShares(indices !== null, g, patch, text, lanes).join("\n    ")}
  }`;
  const kernel = {
    name: `${kind}_pool2d_gradient`,
    bindings: [
      read("dy", vectorOf("f32", given)),
      ...(indices ? [read("indices", vectorOf("i32", given))] : []),
      write("dx", vectorOf("f32", lanes)),
    ],
    storages: [job.dy, ...(indices ? [indices] : []), job.y],
    epilogue,
    text,
    body,
    patches,
  };
  return { dispatches: [patchDispatch(kernel, g, adapter)], temporaries: [] };
}

/** Loads what each window of a patch gives to a place, `share0`, …, and with indices which place that is, `at0`, …. */
function loadShares(
  { indices }: GradientJob,
  { outH, outW, kernel: [kh, kw] }: Pool2dGeometry,
  { rows, columns, outVec }: Patch,
  down: number,
): string[] {
  const loads = new Patches(), start = outVec ? "yFirst / 4u" : "yFirst";
  for (const r of range(rows)) {
    for (const c of range(columns)) {
      const e = r * outW + c, given = loads.element("dy", start, e, outVec);
      if (indices) {
        loads.lines.push(`let at${e} = ${loads.element("indices", start, e, outVec)} - i32(place);`);
      }
      const share = indices ? given : `${given} / ${kh * kw}.0`;
      const isThere = down * rows > outH ? `select(0.0, ${share}, oy + ${r}u < ${outH}u)` : share;
      loads.lines.push(`let share${e} = ${isThere};`);
    }
  }
  return loads.lines;
}

/** Stores the places that the windows of a patch cover, and the zeros between and beyond them. */
function storeShares(
  isMax: boolean,
  { h, w, outW, kernel: [kh, kw], stride: [sh, sw] }: Pool2dGeometry,
  { rows, columns }: Patch,
  text: EpilogueText,
  lanes: 1 | 4,
): string[] {
  const value = (e: number) => {
    const i = Math.floor(e / w), x = e % w, window = Math.floor(i / sh) * outW + Math.floor(x / sw);
    if (i % sh >= kh || x % sw >= kw || x >= columns * sw) return "0.0";
    return isMax ? `select(0.0, share${window}, at${window} == ${e})` : `share${window}`;
  };
  const width = columns === outW ? w : columns * sw;
  const places = range(rows * sh).flatMap((i) => range(width).map((x) => i * w + x));
  return places.filter((_, i) => i % lanes === 0).map((e) => {
    const stored = store("dx", text, range(lanes).map((l) => value(e + l)), `xFirst + ${e}u`, `${e}`);
    return h % (rows * sh) === 0 ? stored : `if (${e}u < left) { ${stored} }`;
  });
}

/** A kernel whose invocations take a patch each. */
interface PatchKernel {
  readonly name: string;
  /** What is bound before the epilogue's own. */
  readonly bindings: readonly BindingDecl[];
  readonly storages: readonly Storage[];
  readonly epilogue: Epilogue;
  readonly text: EpilogueText;
  readonly body: string;
  readonly patches: number;
}

function patchDispatch(kernel: PatchKernel, g: Pool2dGeometry, adapter: Adapter): Dispatch {
  const { name, bindings, storages, epilogue, text, body, patches } = kernel;
  return dispatch(
    {
      name,
      bindings: [...bindings, ...text.bindings],
      numberDecls: [...u32s("patches"), ...text.numberDecls],
      declarations: declarations(body, text.functions, ""),
      workgroupSize: adapter.tileWorkgroup,
      body,
    },
    [...storages, ...epilogue.reads, ...epilogue.writes],
    [patches, ...epilogue.numbers],
    patches,
    g.n * g.c * g.outH * g.outW * g.kernel[0] * g.kernel[1],
  );
}
