/**
 * Pooling over windows of any kind: one value an invocation.
 *
 * Forward, an invocation walks the part of its window that lies inside the image. The gradient walks the windows that may
 * contain its place and adds what they give: for maxima where the stored index is that place, for averages their
 * share. Small walks are written out in the text. Neighbouring invocations take
 * neighbouring columns.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import type { EpilogueText, FirstOutput } from "../wgsl/epilogue.ts";
import { mathFunctions } from "../wgsl/math.ts";
import { dispatch, type NumberDecl } from "../wgsl/source.ts";
import { all, read, u32s, write } from "../wgsl/text.ts";
import type { PoolWindows } from "./windows.ts";

/** A pooling, or the average's with no indices. */
export interface ForwardJob extends FirstOutput {
  readonly kind: "max" | "avg";
  readonly x: Storage;
  /** Where the places of maxima go, if anywhere. */
  readonly indices: Storage | null;
  /** The places of the elements of x, where those are maxima themselves. */
  readonly places?: Storage | null | undefined;
  readonly divisorOverride?: number | null | undefined;
}

/** A pooling's gradient; `y` is dx. */
export interface GradientJob extends FirstOutput {
  readonly kind: "max" | "avg";
  readonly dy: Storage;
  /** Places of the maxima; null for averages. */
  readonly indices: Storage | null;
  readonly divisorOverride?: number | null | undefined;
}

/** Declares the state of a maximum, with its place unless that is null; `tag` makes the names unique. */
export function declareMax(tag: string, place: string | null): string {
  return `var best${tag} = -infinityf(); var isNan${tag} = false;${
    place ? ` var place${tag} = ${place};` : ""
  }`;
}

/** Puts `v`, which lies at `place` of the plane, into a maximum, in the way of PyTorch: NaN wins, else the first of equals. */
export function addToMax(tag: string, v: string, place: string | null, inside = ""): string {
  const isLarger = `nan | ((v > best${tag}) & !isNan${tag})`;
  return `{ let v = ${v}; let nan = isnanf(v)${inside && ` & ${inside}`};
    let takes = ${inside ? all(isLarger, inside) : isLarger};
    best${tag} = select(best${tag}, v, takes); isNan${tag} = isNan${tag} | nan;${
    place ? ` place${tag} = select(place${tag}, ${place}, takes);` : ""
  } }`;
}

/** Walks up to this many places are written out. */
const MOST_WRITTEN_OUT = 25;

/** A walk over two axes: names of its variables, first values, ends, strides, and the most turns of each. */
interface Walk {
  readonly names: readonly [string, string];
  readonly first: readonly [string, string];
  readonly end: readonly [string, string];
  readonly by: readonly [number, number];
  readonly most: readonly [number, number];
  /** Whether each walk takes all of its turns. */
  readonly isFull: boolean;
}

/** Text of a walk; `visit` makes the statements of a turn, which count only where `inside` holds (always, where empty). */
function walk(
  { names: [a, b], first, end, by, most, isFull }: Walk,
  visit: (inside: string) => string,
): string {
  if (most[0] * most[1] > MOST_WRITTEN_OUT) {
    return `for (var ${a} = ${first[0]}; ${a} < ${end[0]}; ${a} += ${by[0]}) {
    for (var ${b} = ${first[1]}; ${b} < ${end[1]}; ${b} += ${by[1]}) {
      ${visit("")}
    }
  }`;
  }
  const lines: string[] = [];
  for (let i = 0; i < most[0]; i++) {
    for (let j = 0; j < most[1]; j++) {
      lines.push(`{ let ${a} = ${first[0]} + ${i * by[0]}; let ${b} = ${first[1]} + ${j * by[1]};
    ${isFull ? "" : `let inside = ${all(`${a} < ${end[0]}`, `${b} < ${end[1]}`)};`}
    ${visit(isFull ? "" : "inside")} }`);
    }
  }
  return lines.join("\n  ");
}

/** The sizes of a pooling in its text: of the image i32, of what it gives and of planes u32. */
interface SizeText {
  readonly w: string;
  readonly outH: string;
  readonly outW: string;
  /** Elements of a plane of the image, and of what it gives. */
  readonly plane: string;
  readonly outPlane: string;
  readonly numbers: readonly (NumberDecl & { readonly value: number })[];
}

function sizeText({ h, w, outH, outW, areNumbers, numbers }: PoolWindows): SizeText {
  if (!areNumbers) {
    const plane = `${h * w}u`, outPlane = `${outH * outW}u`;
    return { w: `${w}`, outH: `${outH}u`, outW: `${outW}u`, plane, outPlane, numbers };
  }
  const own = { h, w, outH, outW };
  return {
    w: "u.w",
    outH: "u32(u.outH)",
    outW: "u32(u.outW)",
    plane: "u32(u.h * u.w)",
    outPlane: "u32(u.outH * u.outW)",
    numbers: [
      ...Object.entries(own).map(([name, value]) => ({ name, type: "i32" as const, value })),
      ...numbers,
    ],
  };
}

/** Makes the dispatch of a pooling. */
export function forwardByElement(job: ForwardJob, windows: PoolWindows, adapter: Adapter): Work {
  const { kind, indices, places, epilogue } = job;
  const outputs = windows.planes * windows.outH * windows.outW;
  if (outputs === 0) return { dispatches: [], temporaries: [] };
  const text = epilogue.text(1), body = forwardText(job, windows, text), { numbers } = sizeText(windows);
  const whole = dispatch(
    {
      name: `${kind}_pool2d`,
      bindings: [
        read("x", "f32"),
        ...(places ? [read("places", "i32")] : []),
        write("y", "f32"),
        ...(indices ? [write("indices", "i32")] : []),
        ...text.bindings,
      ],
      numberDecls: [...u32s("outputs"), ...numbers.map(declared), ...text.numberDecls],
      declarations: declarations(body, text.functions, windows.text("").axes.join("")),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [
      job.x,
      ...(places ? [places] : []),
      job.y,
      ...(indices ? [indices] : []),
      ...epilogue.reads,
      ...epilogue.writes,
    ],
    [outputs, ...numbers.map((n) => n.value), ...epilogue.numbers],
    outputs,
    outputs * windows.most[0] * windows.most[1],
  );
  return { dispatches: [whole], temporaries: [] };
}

/** Walks the window of one output, and stores its maximum or mean. */
function forwardText(
  { kind, indices, places }: ForwardJob,
  windows: PoolWindows,
  text: EpilogueText,
): string {
  const { dilation } = windows, isMax = kind === "max";
  const { w, outH, outW, plane, outPlane } = sizeText(windows);
  const done = text.apply([isMax ? "best" : "mean"], "id", "0");
  const window: Walk = {
    names: ["iy", "ix"],
    first: ["y0", "x0"],
    end: ["endY", "endX"],
    by: dilation,
    most: windows.most,
    isFull: windows.areInside,
  };
  const placeAt = (at: string) => indices && (places ? `places[base + u32(${at})]` : at);
  const visit = (inside: string) => {
    const value = "x[base + u32(at)]";
    const adds = inside ? `sum += select(0.0, ${value}, ${inside});` : `sum += ${value};`;
    return `let at = iy * ${w} + ix;\n${isMax ? addToMax("", value, placeAt("at"), inside) : adds}`;
  };
  const mean = `let mean = select(0.0, sum / ${windows.text("").divisor}, ${all("y0 < endY", "x0 < endX")});`;
  return `
  let ox = i32(id % ${outW});
  let oy = i32(id / ${outW} % ${outH});
  let base = id / ${outPlane} * ${plane};
  ${isMax ? declareMax("", placeAt(`firstH(oy) * ${w} + firstW(ox)`)) : "var sum = 0.0;"}
  let y0 = firstH(oy);
  let x0 = firstW(ox);
  let endY = endH(oy);
  let endX = endW(ox);
  ${walk(window, visit)}
  if (id < u.outputs) {
    ${isMax ? "" : mean}
    ${done.code}
    y[id] = ${done.values[0]};
    ${indices ? "indices[id] = place;" : ""}
  }`;
}

/** Makes the dispatch of a pooling's gradient. */
export function gradientByElement(job: GradientJob, windows: PoolWindows, adapter: Adapter): Work {
  const { kind, indices, epilogue } = job, { h, w, outH, outW } = windows;
  const inputs = windows.planes * h * w;
  if (inputs === 0) return { dispatches: [], temporaries: [] };
  const text = epilogue.text(1), body = gradientText(indices !== null, windows, text);
  const { numbers } = sizeText(windows);
  const whole = dispatch(
    {
      name: `${kind}_pool2d_gradient`,
      bindings: [
        read("dy", "f32"),
        ...(indices ? [read("indices", "i32")] : []),
        write("dx", "f32"),
        ...text.bindings,
      ],
      numberDecls: [...u32s("inputs"), ...numbers.map(declared), ...text.numberDecls],
      declarations: declarations(body, text.functions, windows.text("").axes.join("")),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [job.dy, ...(indices ? [indices] : []), job.y, ...epilogue.reads, ...epilogue.writes],
    [inputs, ...numbers.map((n) => n.value), ...epilogue.numbers],
    inputs,
    windows.planes * outH * outW * windows.most[0] * windows.most[1],
  );
  return { dispatches: [whole], temporaries: [] };
}

/** Walks the windows around one place of the image, and stores the sum of what they give. */
function gradientText(isMax: boolean, windows: PoolWindows, text: EpilogueText): string {
  const { w, outW, plane, outPlane } = sizeText(windows);
  const done = text.apply(["sum"], "id", "0");
  const around: Walk = {
    names: ["oy", "ox"],
    first: ["fromY", "fromX"],
    end: ["toY", "toX"],
    by: [1, 1],
    most: windows.mostAround,
    isFull: false,
  };
  const visit = (inside: string) => {
    const counts = all(...[isMax ? "indices[at] == place" : "", inside].filter((text) => text !== ""));
    const share = isMax ? "dy[at]" : `dy[at] / ${windows.text("").divisor}`;
    return `let at = base + u32(oy) * ${outW} + u32(ox);\nsum += ${
      counts ? `select(0.0, ${share}, ${counts})` : share
    };`;
  };
  return `
  let place = i32(id % ${plane});
  let iy = place / ${w};
  let ix = place % ${w};
  let base = id / ${plane} * ${outPlane};
  var sum = 0.0;
  let fromY = fromH(iy);
  let fromX = fromW(ix);
  let toY = toH(iy);
  let toX = toW(ix);
  ${walk(around, visit)}
  if (id < u.inputs) {
    ${done.code}
    dx[id] = ${done.values[0]};
  }`;
}

/** A number's declaration alone. */
export function declared({ name, type }: NumberDecl): NumberDecl {
  return { name, type };
}

/** The functions that `body` calls; the epilogue brings its own, of which none is declared twice. */
export function declarations(body: string, epilogue: string, windows: string): string {
  const missing = mathFunctions(body).split(/^(?=fn )/m).filter((f) =>
    f !== "" && !epilogue.includes(f.split("(")[0] + "(")
  );
  return missing.join("") + windows + "\n" + epilogue;
}
