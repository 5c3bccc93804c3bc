import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  FILTER_GRADIENT_MAP,
  FILTER_MAP,
  GRADIENT_MAP,
  mapSquare,
  RESULT_MAP,
  SOURCE_MAP,
  type WinogradMap,
} from "../../../../../ops/kernels/conv2d/winograd/maps.ts";

/** Runs a map's statements, which are JavaScript as they are WGSL, in float64. */
function apply(map: WinogradMap, x: readonly number[]): number[] {
  const names = x.map((_, k) => `x${k}`), results = Array.from({ length: map.to }, (_, k) => `y${k}`);
  return new Function(...names, `${map.text(names, "y")} return [${results}];`)(...x);
}

const SOURCE = [0.5, -1.25, 2, 0.75, -0.5, 1.5], FILTER = [1.5, -0.25, 0.5], GRADIENT = [0.5, -1, 0.25, 2];

Deno.test("the maps give four results of three taps", () => {
  const points = apply(SOURCE_MAP, SOURCE).map((v, k) => v * apply(FILTER_MAP, FILTER)[k]);
  const results = apply(RESULT_MAP, points);
  assertEquals(results.length, 4);
  results.forEach((y, j) =>
    assertAlmostEquals(y, FILTER.reduce((sum, g, t) => sum + g * SOURCE[j + t], 0), 1e-12)
  );
});

Deno.test("transposed, the maps give the gradient of three taps", () => {
  const points = apply(SOURCE_MAP, SOURCE).map((v, k) => v * apply(GRADIENT_MAP, GRADIENT)[k]);
  const gradient = apply(FILTER_GRADIENT_MAP, points);
  assertEquals(gradient.length, 3);
  gradient.forEach((dg, t) =>
    assertAlmostEquals(dg, GRADIENT.reduce((sum, dy, j) => sum + dy * SOURCE[j + t], 0), 1e-12)
  );
});

Deno.test("mapSquare() maps columns, then rows", () => {
  const names = FILTER.flatMap((_, r) => FILTER.map((_, c) => `g${r}${c}`));
  const values = FILTER.flatMap((a, r) => FILTER.map((b) => a * b + r));
  const square = mapSquare(FILTER_MAP, (r, c) => `g${r}${c}`);
  const got: number[] = new Function(
    ...names,
    `${square.code} return [${square.at(0, 5)}, ${square.at(5, 0)}];`,
  )(
    ...values,
  );
  // Point 0 takes the first element of a direction, the last point its last one.
  assertEquals(got, [values[2], values[6]]);
});
