/**
 * Bringing patches of images into workgroup memory, as an operand of a matrix product: nothing is laid out in memory before.
 *
 * @module
 */
import type { BlockLoader } from "../../matmul/tile_product.ts";
import { all, range, vector } from "../../wgsl/text.ts";
import type { Conv2dGeometry, ConvolutionAxis } from "../geometry.ts";

/** How four neighbouring columns of the product lie in a plane of results. */
export interface QuadLayout {
  /** Quads of a plane. */
  readonly quads: number;
  /** Whether a quad is a window of two by two, or four neighbours of the plane as one row. */
  readonly inWindows: boolean;
  /** Whether all four, where they are neighbours, lie in one row of the plane. */
  readonly inRow: boolean;
  /** Statements that declare `row0` and `col0`, where quad `q` of a plane begins; as neighbours `row0` is 0. */
  begin(q: string): string;
  /** Row and column of the quad's result `l`, as u32 expressions. */
  at(l: number): readonly [row: string, column: string];
}

/** Lays out the results of planes of `outH` by `outW`: in windows where they are pooled, else as they lie in memory. */
export function quadLayout(outH: number, outW: number, inWindows: boolean): QuadLayout {
  if (inWindows) {
    const across = Math.ceil(outW / 2);
    return {
      quads: Math.ceil(outH / 2) * across,
      inWindows,
      inRow: false,
      begin: (q) => `let row0 = ${q} / ${across}u * 2u; let col0 = ${q} % ${across}u * 2u;`,
      at: (l) => [`row0 + ${l >> 1}u`, `col0 + ${l & 1}u`],
    };
  }
  const inRow = outW % 4 === 0 || outH === 1;
  return {
    quads: Math.ceil(outH * outW / 4),
    inWindows,
    inRow,
    begin: (q) => `let row0 = 0u; let col0 = ${q} * 4u;`,
    at: (l) =>
      inRow
        ? [`col0 / ${outW}u`, `col0 % ${outW}u + ${l}u`]
        : [`(col0 + ${l}u) / ${outW}u`, `(col0 + ${l}u) % ${outW}u`],
  };
}

/** The sources of a convolution as the operand `b`: a row for each source channel and tap, a column for each result of a plane. */
export interface PatchOperand {
  readonly rows: ConvolutionAxis;
  readonly cols: ConvolutionAxis;
  /** Source channels of an image, and of a group of it. */
  readonly channels: number;
  readonly sources: number;
  readonly layout: QuadLayout;
}

/** Whether quads of results are quads of their sources, side by side in memory. */
export function areQuads({ rows, cols, layout }: PatchOperand): boolean {
  const isPoint = ({ taps, stride, pad }: ConvolutionAxis) => taps === 1 && stride === 1 && pad === 0;
  return isPoint(rows) && isPoint(cols) && rows.out === rows.source && cols.out === cols.source &&
    rows.source * cols.source % 4 === 0 && !layout.inWindows;
}

/** The place of a result's first source along an axis, as an i32 expression, and the step from tap to tap. */
function sourcePlace({ stride, pad, dilation, transposed }: ConvolutionAxis, place: string) {
  return transposed
    ? { first: `i32(${place}) + ${pad}`, step: -dilation }
    : { first: `i32(${place}) * ${stride} - ${pad}`, step: dilation };
}

/** Loads the blocks of patches; `column` is the tile's first column, and `part` the group. */
export function patchBlocks(operand: PatchOperand): BlockLoader {
  const { rows, cols, channels, sources, layout } = operand, { quads } = layout;
  const plane = rows.source * cols.source, asQuads = areQuads(operand);
  const begin = (quad: string, deep: string) => {
    const start = `let bPlace = column / 4u + ${quad};
  let bImage = (bPlace / ${quads}u * ${channels}u + part * ${sources}u) * ${plane}u;`;
    if (asQuads) return `${start} let bAt = (bImage + ${deep} * ${plane}u) / 4u + bPlace % ${quads}u;`;
    const places = range(4).flatMap((l) => {
      const [row, column] = layout.at(l);
      return [
        ...(isOwnRow(layout, l) ? [`let bRow${l} = ${sourcePlace(rows, row).first};`] : []),
        ...(isOwnColumn(layout, l) ? [`let bCol${l} = ${sourcePlace(cols, column).first};`] : []),
      ];
    });
    return `${start} let bDeep = ${deep}; let bQuad = bPlace % ${quads}u;
  ${layout.begin("bQuad")}
  ${places.join(" ")}`;
  };
  const load = (p: string) => {
    if (asQuads) {
      return {
        code: `let bMove = bAt + ${p} * ${plane / 4}u;`,
        values: range(4).map((i) => `b[bMove + ${i * plane / 4}u]`),
      };
    }
    const loads = range(4).map((i) => patchLoad(operand, p, i));
    return { code: loads.map(({ code }) => code).join(" "), values: loads.map(({ value }) => value) };
  };
  return { alongDepth: false, begin, load };
}

/** Whether a quad's result `l` is the first of its row, or of its column, whose places the others share. */
function isOwnRow({ inRow, inWindows }: QuadLayout, l: number): boolean {
  return l === 0 || (inWindows ? l === 2 : !inRow);
}
function isOwnColumn({ inWindows }: QuadLayout, l: number): boolean {
  return !inWindows || l < 2;
}

/** The sources of a quad at product `i` of the block: that of a channel and a tap. */
function patchLoad({ rows, cols, layout }: PatchOperand, p: string, i: number) {
  const taps = rows.taps * cols.taps, plane = rows.source * cols.source;
  const rowStep = sourcePlace(rows, "").step, colStep = sourcePlace(cols, "").step;
  const row = (l: number) => layout.inRow ? 0 : layout.inWindows ? l & 2 : l;
  const column = (l: number) => layout.inWindows ? l & 1 : l;
  const lines = [
    `let k${i} = ${p} + bDeep + ${i}u; let t${i} = k${i} % ${taps}u;`,
    `let y${i} = i32(t${i} / ${cols.taps}u) * ${rowStep}; let x${i} = i32(t${i} % ${cols.taps}u) * ${colStep};`,
    `let plane${i} = bImage + k${i} / ${taps}u * ${plane}u;`,
  ];
  for (const l of range(4)) {
    if (isOwnRow(layout, l)) {
      lines.push(
        `let r${i}_${l} = u32(bRow${l} + y${i});`,
        `let start${i}_${l} = plane${i} + r${i}_${l} * ${cols.source}u;`,
      );
    }
    if (isOwnColumn(layout, l)) lines.push(`let c${i}_${l} = u32(bCol${l} + x${i});`);
  }
  const values = range(4).map((l) => {
    const r = row(l), c = column(l);
    const inside = all(`r${i}_${r} < ${rows.source}u`, `c${i}_${c} < ${cols.source}u`);
    return `select(0.0, b[start${i}_${r} + c${i}_${c}], ${inside})`;
  });
  return { code: lines.join(" "), value: vector("f32", values) };
}

/** The gradient of results as the operand `a` of a weight's: a row for each result channel, a product for each place of a plane. */
export function gradientBlocks(g: Conv2dGeometry, vec: boolean): BlockLoader {
  const results = g.oc / g.groups, plane = g.outH * g.outW, quads = Math.ceil(plane / 4);
  const at = (i: number) => `aMove + ${i * plane}u`;
  return {
    alongDepth: true,
    begin: (quad, deep) =>
      `let aDeep = ${deep} / 4u; let aAt = (batch * ${results}u + row + ${quad} * 4u) * ${plane}u;`,
    load: (p) => {
      const start = `let aPlace = ${p} / 4u + aDeep; let aQuad = aPlace % ${quads}u;
      let aMove = aAt + aPlace / ${quads}u * ${g.oc * plane}u + aQuad * 4u;`;
      if (vec) return { code: start, values: range(4).map((i) => `a[(${at(i)}) / 4u]`) };
      return {
        code: start,
        values: range(4).map((i) =>
          vector(
            "f32",
            range(4).map((l) => `select(0.0, a[${at(i)} + ${l}u], aQuad * 4u + ${l}u < ${plane}u)`),
          )
        ),
      };
    },
  };
}

/** The patches of x as the operand `b` of a weight's gradient: a column for each source channel and tap. */
export function tapBlocks(g: Conv2dGeometry): BlockLoader {
  const sources = g.c / g.groups, taps = g.kh * g.kw, plane = g.h * g.w, out = g.outH * g.outW;
  const quads = Math.ceil(out / 4), inRow = g.outW % 4 === 0 || g.outH === 1;
  return {
    alongDepth: true,
    begin: (quad, deep) =>
      [
        `let bDeep = ${deep} / 4u; let bGroup = batch * ${sources * plane}u;`,
        ...range(4).map((l) =>
          `let k${l} = column + ${quad} * 4u + ${l}u;
  let bRow${l} = i32(k${l} % ${taps}u / ${g.kw}u) * ${g.dilationH} - ${g.padTop};
  let bCol${l} = i32(k${l} % ${g.kw}u) * ${g.dilationW} - ${g.padLeft};
  let bAt${l} = bGroup + k${l} / ${taps}u * ${plane}u;`
        ),
      ].join("\n  "),
    load: (p) => {
      const row = (i: number) => inRow ? 0 : i, end = out % 4 === 0 ? [] : [0, 1, 2, 3];
      const lines = [
        `let bPlace = ${p} / 4u + bDeep; let bFirst = bPlace % ${quads}u * 4u;`,
        `let bImage = bPlace / ${quads}u * ${g.c * plane}u;`,
        ...range(4).flatMap((i) => [
          ...(inRow && i > 0 ? [] : [`let oy${i} = i32((bFirst + ${i}u) / ${g.outW}u) * ${g.strideH};`]),
          `let ox${i} = i32(${
            inRow ? `bFirst % ${g.outW}u + ${i}u` : `(bFirst + ${i}u) % ${g.outW}u`
          }) * ${g.strideW};`,
        ]),
        ...range(4).flatMap((l) =>
          range(inRow ? 1 : 4).flatMap((i) => [
            `let r${l}_${i} = u32(oy${i} + bRow${l});`,
            `let start${l}_${i} = bImage + bAt${l} + r${l}_${i} * ${g.w}u;`,
          ])
        ),
        ...range(4).flatMap((l) => range(4).map((i) => `let c${l}_${i} = u32(ox${i} + bCol${l});`)),
      ];
      const values = range(4).map((l) =>
        vector(
          "f32",
          range(4).map((i) => {
            const inside = all(
              `r${l}_${row(i)} < ${g.h}u`,
              `c${l}_${i} < ${g.w}u`,
              ...(end.length > 0 ? [`bFirst + ${i}u < ${out}u`] : []),
            );
            return `select(0.0, b[start${l}_${row(i)} + c${l}_${i}], ${inside})`;
          }),
        )
      );
      return { code: lines.join(" "), values };
    },
  };
}
