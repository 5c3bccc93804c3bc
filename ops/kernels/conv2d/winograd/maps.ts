/**
 * The linear maps of Winograd's F(4x4, 3x3): four results of three taps in each direction by six products.
 *
 * A filter `g` and a piece of source `d` are polynomials that are evaluated at six points, multiplied point by point,
 * and interpolated (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast Algorithms for
 * Convolutional Neural Networks, 2016): `y = A' ((G g G') * (B' d B)) A`. The points are 0, ±√½, ±√2 and infinity, not the usual
 * 0, ±1, ±2: the maps' entries lie closer together. In a float32 simulation of the forward pass with 128
 * channels that halves the root mean square of the error, and its largest is a quarter. Opposite points share their even
 * and odd halves.
 *
 * Transposed, the same maps give the gradient in the filter: `dg = G' ((A dy A') * (B' d B)) G`.
 *
 * @module
 */
import { range } from "../../wgsl/text.ts";

/** Results in each direction of a tile, and points. */
export const TILE = 4, POINTS = 6;

/** A map along one direction: WGSL statements that declare `y0`, `y1`, … with the prefix `y` from the expressions `x`. */
export interface WinogradMap {
  readonly from: number;
  readonly to: number;
  text(x: readonly string[], y: string): string;
}

const A = String(Math.SQRT1_2), B = String(Math.SQRT2);
const A3 = String(Math.SQRT1_2 / 2), B3 = String(2 * Math.SQRT2);

/** `B' d`: a piece of source at the points. */
export const SOURCE_MAP: WinogradMap = {
  from: 6,
  to: POINTS,
  text: (x, y) => `
let ${y}0 = ${x[0]} - 2.5 * ${x[2]} + ${x[4]};
let ${y}ae = ${x[4]} - 2.0 * ${x[2]};
let ${y}ao = ${A} * ${x[3]} - ${B} * ${x[1]};
let ${y}1 = ${y}ae + ${y}ao;
let ${y}2 = ${y}ae - ${y}ao;
let ${y}be = ${x[4]} - 0.5 * ${x[2]};
let ${y}bo = ${B} * ${x[3]} - ${A} * ${x[1]};
let ${y}3 = ${y}be + ${y}bo;
let ${y}4 = ${y}be - ${y}bo;
let ${y}5 = ${x[1]} - 2.5 * ${x[3]} + ${x[5]};`,
};

/** `G g`: a filter at the points. */
export const FILTER_MAP: WinogradMap = {
  from: 3,
  to: POINTS,
  text: (x, y) => `
let ${y}0 = ${x[0]};
let ${y}ae = ${x[0]} + 0.5 * ${x[2]};
let ${y}ao = ${A} * ${x[1]};
let ${y}1 = (${y}ae + ${y}ao) * ${-2 / 3};
let ${y}2 = (${y}ae - ${y}ao) * ${-2 / 3};
let ${y}be = ${x[0]} + 2.0 * ${x[2]};
let ${y}bo = ${B} * ${x[1]};
let ${y}3 = (${y}be + ${y}bo) * ${1 / 6};
let ${y}4 = (${y}be - ${y}bo) * ${1 / 6};
let ${y}5 = ${x[2]};`,
};

/** `A' m`: results from products. */
export const RESULT_MAP: WinogradMap = {
  from: POINTS,
  to: TILE,
  text: (x, y) => `
let ${y}as = ${x[1]} + ${x[2]};
let ${y}ad = ${x[1]} - ${x[2]};
let ${y}bs = ${x[3]} + ${x[4]};
let ${y}bd = ${x[3]} - ${x[4]};
let ${y}0 = ${x[0]} + ${y}as + ${y}bs;
let ${y}1 = ${A} * ${y}ad + ${B} * ${y}bd;
let ${y}2 = 0.5 * ${y}as + 2.0 * ${y}bs;
let ${y}3 = ${A3} * ${y}ad + ${B3} * ${y}bd + ${x[5]};`,
};

/** `A dy`: the gradient of a tile of results at the points. */
export const GRADIENT_MAP: WinogradMap = {
  from: TILE,
  to: POINTS,
  text: (x, y) => `
let ${y}0 = ${x[0]};
let ${y}ae = ${x[0]} + 0.5 * ${x[2]};
let ${y}ao = ${A} * ${x[1]} + ${A3} * ${x[3]};
let ${y}1 = ${y}ae + ${y}ao;
let ${y}2 = ${y}ae - ${y}ao;
let ${y}be = ${x[0]} + 2.0 * ${x[2]};
let ${y}bo = ${B} * ${x[1]} + ${B3} * ${x[3]};
let ${y}3 = ${y}be + ${y}bo;
let ${y}4 = ${y}be - ${y}bo;
let ${y}5 = ${x[3]};`,
};

/** `G' m`: the gradient of a filter from products. */
export const FILTER_GRADIENT_MAP: WinogradMap = {
  from: POINTS,
  to: 3,
  text: (x, y) => `
let ${y}as = (${x[1]} + ${x[2]}) * ${-2 / 3};
let ${y}ad = (${x[1]} - ${x[2]}) * ${-2 / 3};
let ${y}bs = (${x[3]} + ${x[4]}) * ${1 / 6};
let ${y}bd = (${x[3]} - ${x[4]}) * ${1 / 6};
let ${y}0 = ${x[0]} + ${y}as + ${y}bs;
let ${y}1 = ${A} * ${y}ad + ${B} * ${y}bd;
let ${y}2 = 0.5 * ${y}as + 2.0 * ${y}bs + ${x[5]};`,
};

/**
 * Applies a map to the columns and then the rows of a square.
 *
 * @param at The expression at a row and column of the square.
 * @returns Statements, and the names of the results by row and column.
 */
export function mapSquare(
  map: WinogradMap,
  at: (r: number, c: number) => string,
): { code: string; at: (r: number, c: number) => string } {
  const lines = [
    ...range(map.from).map((c) => map.text(range(map.from).map((r) => at(r, c)), `c${c}_`)),
    ...range(map.to).map((r) => map.text(range(map.from).map((c) => `c${c}_${r}`), `r${r}_`)),
  ];
  return { code: lines.join(""), at: (r, c) => `r${r}_${c}` };
}
