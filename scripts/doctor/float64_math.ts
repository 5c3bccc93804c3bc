/**
 * The functions of `ops/kernels/wgsl/math.ts` in float64, by series and continued fractions: for finite numbers of
 * moderate size, to 1e-13.
 *
 * @module
 */
import { MATH_FUNCTIONS } from "../../ops/kernels/wgsl/math.ts";

const SOURCES: Readonly<Record<string, string>> = {
  isnanf: "fn isnanf(x: f64) -> bool { return x != x; }",
  isfinitef: "fn isfinitef(x: f64) -> bool { return abs(x) < 1.0e300; }",
  infinityf: "fn infinityf() -> f64 { var big = 1.0e300lf; return big * big; }",
  nanf: "fn nanf() -> f64 { return infinityf() - infinityf(); }",
  equalf: "fn equalf(a: f64, b: f64) -> bool { return a == b; }",
  lessf: "fn lessf(a: f64, b: f64) -> bool { return a < b; }",
  isnegativef: "fn isnegativef(x: f64) -> bool { return x < 0.0; }",
  signf: "fn signf(x: f64) -> f64 { return select(select(1.0lf, -1.0lf, x < 0.0), 0.0lf, x == 0.0); }",
  sqrtf: "fn sqrtf(x: f64) -> f64 { return sqrt(x); }",
  pow2d: `fn pow2d(k: i32) -> f64 {
  var y = 1.0lf;
  var base = select(0.5lf, 2.0lf, k > 0);
  for (var n = abs(k); n > 0; n = n >> 1u) {
    if ((n & 1) == 1) { y = y * base; }
    base = base * base;
  }
  return y;
}`,
  // e^r - 1 for |r| up to ln 2 / 2
  expm1_core: `fn expm1_core(r: f64) -> f64 {
  var sum = 1.0lf;
  for (var k = 20; k > 1; k--) { sum = 1.0 + r / f64(k) * sum; }
  return r * sum;
}`,
  expf: `fn expf(x: f64) -> f64 {
  if (x < -700.0) { return 0.0lf; }
  let k = floor(x * 1.4426950408889634 + 0.5);
  let r = (x - k * 0.69314718036912381649lf) - k * 1.90821492927058770002e-10lf;
  return (1.0 + expm1_core(r)) * pow2d(i32(k));
}`,
  expm1f: "fn expm1f(x: f64) -> f64 { if (abs(x) < 0.34) { return expm1_core(x); } return expf(x) - 1.0; }",
  // Halley's method for e^y = x, from float32's logarithm
  logf: `fn logf(x: f64) -> f64 {
  var y = f64(log(f32(x)));
  for (var k = 0; k < 4; k++) { let e = expf(y); y = y + 2.0 * (x - e) / (x + e); }
  return y;
}`,
  log1pf: `fn log1pf(x: f64) -> f64 {
  if (abs(x) > 0.3) { return logf(1.0 + x); }
  let s = x / (2.0 + x);
  var sum = 0.0lf;
  for (var k = 20; k >= 0; k--) { sum = sum * s * s + 1.0 / f64(2 * k + 1); }
  return 2.0 * s * sum;
}`,
  tanhf: `fn tanhf(x: f64) -> f64 {
  let e = expm1f(2.0 * min(abs(x), 30.0lf));
  return select(e, -e, x < 0.0) / (e + 2.0);
}`,
  sigmoidf: "fn sigmoidf(x: f64) -> f64 { return 1.0 / (1.0 + expf(-x)); }",
  // the sine of x and turns quarter turns more
  turned: `fn turned(x: f64, turns: i32) -> f64 {
  let k = floor(x * 0.63661977236758134 + 0.5);
  let r = (x - k * 1.5707963267948966lf) - k * 6.123233995736766e-17lf;
  let quarter = (i32(k) + turns) & 3;
  let first = quarter & 1;
  var sum = 1.0lf;
  for (var n = 24 - first; n > 0; n = n - 2) { sum = 1.0 - r * r / f64(n * (n + 1)) * sum; }
  let y = select(r * sum, sum, first == 1);
  return select(y, -y, quarter >= 2);
}`,
  sinf: "fn sinf(x: f64) -> f64 { return turned(x, 0); }",
  cosf: "fn cosf(x: f64) -> f64 { return turned(x, 1); }",
  powf: `fn powf(x: f64, p: f64) -> f64 {
  if (p == 0.0) { return 1.0lf; }
  if (x == 0.0) { return select(0.0lf, infinityf(), p < 0.0); }
  let y = expf(p * logf(abs(x)));
  return select(y, -y, x < 0.0 && (i32(floor(p)) & 1) == 1);
}`,
  erff: `fn erff(x: f64) -> f64 {
  let a = min(abs(x), 6.0lf);
  var y = 0.0lf;
  if (a < 2.0) {
    var term = a;
    y = a;
    for (var k = 1; k < 60; k++) { term = -term * a * a / f64(k); y = y + term / f64(2 * k + 1); }
    y = y * 1.1283791670955126lf;
  } else {
    var fraction = a;
    for (var k = 80; k > 0; k--) { fraction = a + f64(k) / (2.0 * fraction); }
    y = 1.0 - expf(-a * a) / (1.7724538509055161lf * fraction);
  }
  return select(y, -y, x < 0.0);
}`,
  log2f: "fn log2f(x: f64) -> f64 { return logf(x) * 1.4426950408889634lf; }",
  log10f: "fn log10f(x: f64) -> f64 { return logf(x) * 0.43429448190325183lf; }",
  exp2f: "fn exp2f(x: f64) -> f64 { return expf(x * 0.69314718055994531lf); }",
  logaddexpf: `fn logaddexpf(a: f64, b: f64) -> f64 {
  if (a == b) { return a + 0.69314718055994531lf; }
  return max(a, b) + log1pf(expf(-abs(a - b)));
}`,
  sinhf: `fn sinhf(x: f64) -> f64 {
  let m = expm1f(abs(x));
  let y = 0.5 * (m + m / (m + 1.0));
  return select(y, -y, x < 0.0);
}`,
  coshf: "fn coshf(x: f64) -> f64 { let e = expf(abs(x)); return 0.5 * (e + 1.0 / e); }",
  tanf: "fn tanf(x: f64) -> f64 { return turned(x, 0) / turned(x, 1); }",
  // a half of the angle twice, then the series
  atanf: `fn atanf(x: f64) -> f64 {
  let half = x / (1.0 + sqrt(1.0 + x * x));
  let t = half / (1.0 + sqrt(1.0 + half * half));
  var sum = 0.0lf;
  for (var k = 40; k >= 0; k--) { sum = 1.0 / f64(2 * k + 1) - t * t * sum; }
  return 4.0 * t * sum;
}`,
  asinf: "fn asinf(x: f64) -> f64 { return 2.0 * atanf(x / (1.0 + sqrt(1.0 - x * x))); }",
  acosf: "fn acosf(x: f64) -> f64 { return 1.5707963267948966lf - asinf(x); }",
  atan2f: `fn atan2f(y: f64, x: f64) -> f64 {
  let r = sqrt(x * x + y * y);
  if (x > 0.0) { return 2.0 * atanf(y / (r + x)); }
  if (y == 0.0) { return select(0.0lf, 3.1415926535897931lf, x < 0.0); }
  return 2.0 * atanf((r - x) / y);
}`,
  hypotf: "fn hypotf(a: f64, b: f64) -> f64 { return sqrt(a * a + b * b); }",
  fmodf: `fn fmodf(a: f64, b: f64) -> f64 {
  let y = abs(b);
  var r = abs(a) - floor(abs(a) / y) * y;
  if (r < 0.0) { r = r + y; }
  if (r >= y) { r = r - y; }
  return select(r, -r, a < 0.0);
}`,
  remainderf: `fn remainderf(a: f64, b: f64) -> f64 {
  let r = fmodf(a, b);
  if (r != 0.0 && (r < 0.0) != (b < 0.0)) { return r + b; }
  return r;
}`,
  erfcf: "fn erfcf(x: f64) -> f64 { return 1.0 - erff(x); }",
};

/** Where functions of the library's mathematics are declared in a kernel: a line, or lines until a brace alone. */
const DECLARED = new RegExp(`^fn (${MATH_FUNCTIONS.join("|")})\\((?:.*\\}|[^]*?\\n\\})$`, "gm");

/** A kernel's text without the library's functions of mathematics. */
export function withoutMath(wgsl: string): string {
  return wgsl.replaceAll(DECLARED, "");
}

/** The declarations of those of these functions that `text` calls, and of what they call. */
export function math64(text: string): string {
  const wanted = new Set<string>();
  const visit = (source: string) => {
    for (const [, name] of source.matchAll(/\b(\w+)\(/g)) {
      if (!(name in SOURCES) || wanted.has(name)) continue;
      wanted.add(name);
      visit(SOURCES[name]);
    }
  };
  visit(text);
  return [...wanted].map((name) => `\n${SOURCES[name]}`).join("");
}
