/**
 * Elementary functions in WGSL that keep float32's last digits on every adapter.
 *
 * The built-in `exp`, `log` and `tanh` of some adapters are off by ten units in the last place and need not keep NaN
 * or infinity. These follow the polynomials of Cephes (Moshier, single precision), within three units (erfc within eight), and
 * treat special values by their bits. Compilers may assume that NaN does not occur, so `x != x` is not used.
 *
 * @module
 */

const SOURCES: Readonly<Record<string, string>> = {
  isnanf: "fn isnanf(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }",
  isfinitef: "fn isfinitef(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }",
  // A variable, since an infinite constant is an error.
  infinityf: "fn infinityf() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }",
  nanf: "fn nanf() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }",
  // Comparisons that NaN never passes.
  equalf: "fn equalf(a: f32, b: f32) -> bool { return (a == b) & !isnanf(a) & !isnanf(b); }",
  lessf: "fn lessf(a: f32, b: f32) -> bool { return (a < b) & !isnanf(a) & !isnanf(b); }",
  // By the bits, as compilers make max(x, 0), which drops NaN, of a comparison and a choice.
  isnegativef: "fn isnegativef(x: f32) -> bool { return bitcast<u32>(x) - 0x80000001u < 0x7f800000u; }",
  signf: `fn signf(x: f32) -> f32 {
  return select(select(1.0, -1.0, x < 0.0), 0.0, (x == 0.0) | isnanf(x));
}`,
  sqrtf: `fn sqrtf(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return select(select(sqrt(x), nanf(), isnegativef(x)), x, ((bits << 1u) == 0u) | (bits == 0x7f800000u) | isnanf(x));
}`,
  expf: `fn expf(x: f32) -> f32 {
  let c = clamp(x, -104.0, 89.0);
  let k = floor(1.4426950408889634 * c + 0.5);
  let r = (c - k * 0.693359375) + k * 2.1219444e-4;
  let y = expm1_core(r) + 1.0;
  let half = i32(k) >> 1u; // 2^k in two factors, as 2^128 and 2^-150 are no normal numbers
  let scaled = y * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((i32(k) - half + 127) << 23u);
  return select(scaled, x, isnanf(x));
}`,
  // e^r - 1 - r for |r| up to ln 2 / 2
  exp_tail: `fn exp_tail(r: f32) -> f32 {
  let p = ((((1.98756915e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r + 1.6666665459e-1) * r + 5.0000001201e-1;
  return p * (r * r);
}`,
  expm1_core: "fn expm1_core(r: f32) -> f32 { return exp_tail(r) + r; }",
  expm1f: `fn expm1f(x: f32) -> f32 {
  return select(expf(x) - 1.0, select(expm1_core(x), x, x == 0.0), abs(x) < 0.3465);
}`,
  log1p_core: `fn log1p_core(m: f32) -> f32 {
  let z = m * m;
  let p = ((((((((7.0376836292e-2 * m - 1.151461031e-1) * m + 1.167699874e-1) * m - 1.2420140846e-1) * m + 1.4249322787e-1) * m - 1.6668057665e-1) * m + 2.0000714765e-1) * m - 2.4999993993e-1) * m + 3.3333331174e-1);
  return p * m * z;
}`,
  logf: `fn logf(x: f32) -> f32 {
  let small = x < 1.1754944e-38;
  let bits = bitcast<u32>(select(x, x * 8388608.0, small));
  var e = f32(i32(bits >> 23u) - 126) - select(0.0, 23.0, small);
  var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
  let low = m < 0.70710677;
  e = select(e, e - 1.0, low);
  m = select(m, m + m, low) - 1.0;
  let y = m + (log1p_core(m) - 2.1219444e-4 * e - 0.5 * m * m) + 0.693359375 * e;
  let special = select(select(x, nanf(), x < 0.0), -infinityf(), x == 0.0);
  return select(y, special, (x <= 0.0) | !isfinitef(x));
}`,
  log1pf: `fn log1pf(x: f32) -> f32 {
  return select(logf(1.0 + x), select(x + (log1p_core(x) - 0.5 * x * x), x, x == 0.0), (x > -0.29) & (x < 0.41));
}`,
  tanhf: `fn tanhf(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  let p = ((((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z + 1.33314422036e-1) * z - 3.33332819422e-1) * z * x + x;
  let big = 1.0 - 2.0 / (expf(2.0 * min(a, 20.0)) + 1.0);
  return select(select(p, select(big, -big, x < 0.0), a >= 0.625), x, (x == 0.0) | isnanf(x));
}`,
  // Cephes: e and the parts of log m are added up with log2 e - 1 apart, so that powers of two are exact.
  log_parts: `fn log_parts(x: f32) -> vec3f {
  let small = x < 1.1754944e-38;
  let bits = bitcast<u32>(select(x, x * 8388608.0, small));
  var e = f32(i32(bits >> 23u) - 126) - select(0.0, 23.0, small);
  var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
  let low = m < 0.70710677;
  e = select(e, e - 1.0, low);
  m = select(m, m + m, low) - 1.0;
  return vec3f(e, m, log1p_core(m) - 0.5 * m * m);
}`,
  log2f: `fn log2f(x: f32) -> f32 {
  let p = log_parts(x);
  let y = ((p.z * 0.44269504 + p.y * 0.44269504) + p.z + p.y) + p.x;
  return select(y, logf(x), (x <= 0.0) | !isfinitef(x));
}`,
  log10f: `fn log10f(x: f32) -> f32 {
  let p = log_parts(x);
  let y = ((p.y + p.z) * 7.00731903e-4 + p.x * 2.48745664e-4) + (p.z * 0.43359375 + p.y * 0.43359375) + p.x * 0.30078125;
  return select(y, logf(x), (x <= 0.0) | !isfinitef(x));
}`,
  exp2f: `fn exp2f(x: f32) -> f32 {
  let c = clamp(x, -151.0, 129.0);
  let k = floor(c + 0.5);
  let y = expm1_core((c - k) * 0.6931472) + 1.0;
  let half = i32(k) >> 1u;
  let scaled = y * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((i32(k) - half + 127) << 23u);
  return select(scaled, x, isnanf(x));
}`,
  tanf: `fn tanf(x: f32) -> f32 {
  let q = quarter_turns(x);
  let z = q.x * q.x;
  let t = (((((9.38540185543e-3 * z + 3.11992232697e-3) * z + 2.44301354525e-2) * z + 5.34112807005e-2) * z + 1.33387994085e-1) * z + 3.33331568548e-1) * z * q.x + q.x;
  let y = select(t, -1.0 / t, (i32(q.y) & 1) == 1);
  return select(select(y, x, x == 0.0), nanf(), !isfinitef(x));
}`,
  // asin of r with r² = z, for r up to 1/2
  asin_core: `fn asin_core(r: f32, z: f32) -> f32 {
  return ((((4.2163199048e-2 * z + 2.4181311049e-2) * z + 4.5470025998e-2) * z + 7.4953002686e-2) * z + 1.6666752422e-1) * z * r + r;
}`,
  asinf: `fn asinf(x: f32) -> f32 {
  let a = abs(x);
  let z = 0.5 * (1.0 - min(a, 1.0));
  let r = sqrt(z);
  let far = (1.5707964 - 2.0 * asin_core(r, z)) - 4.371139e-8;
  let y = select(select(far, -far, x < 0.0), asin_core(x, x * x), a <= 0.5);
  return select(select(y, nanf(), a > 1.0), x, (x == 0.0) | isnanf(x));
}`,
  acosf: `fn acosf(x: f32) -> f32 {
  let a = abs(x);
  let z = 0.5 * (1.0 - min(a, 1.0));
  let r = 2.0 * asin_core(sqrt(z), z);
  let far = select(r, (3.1415927 - r) - 8.742278e-8, x < 0.0);
  let y = select(far, (1.5707964 - asin_core(x, x * x)) - 4.371139e-8, a <= 0.5);
  return select(select(y, nanf(), a > 1.0), x, isnanf(x));
}`,
  // atan of t, for t from 0 up; what is above tan(pi/8) is turned by 45 degrees, above tan(3 pi/8) by 90
  atanf: `fn atanf(x: f32) -> f32 {
  let a = abs(x);
  let high = a > 2.4142135;
  let middle = (a > 0.41421357) & !high;
  let t = select(select(a, (a - 1.0) / (a + 1.0), middle), -1.0 / max(a, 1.0), high);
  let start = select(select(0.0, 0.7853982, middle), 1.5707964, high);
  let lost = select(select(0.0, 2.1855694e-8, middle), 4.371139e-8, high);
  let z = t * t;
  let p = (((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1) * z * t + t;
  let y = start + (p - lost);
  return select(select(y, -y, x < 0.0), x, (x == 0.0) | isnanf(x));
}`,
  atan2f: `fn atan2f(y: f32, x: f32) -> f32 {
  let a = abs(x);
  let b = abs(y);
  let most = max(a, b);
  let least = min(a, b);
  let scale = select(1.0, 0x1p64, most < 0x1p-64);
  var t = atanf((least * scale) / (most * scale));
  t = select(t, 0.0, most == 0.0);
  t = select(t, 0.7853982, !isfinitef(a) & !isfinitef(b));
  t = select(t, (1.5707964 - t) - 4.371139e-8, b > a);
  t = select(t, (3.1415927 - t) - 8.742278e-8, (bitcast<u32>(x) >> 31u) == 1u);
  t = select(t, -t, (bitcast<u32>(y) >> 31u) == 1u);
  return select(t, nanf(), isnanf(x) | isnanf(y));
}`,
  sinhf: `fn sinhf(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  let p = ((2.03721912945e-4 * z + 8.33028376239e-3) * z + 1.66667160211e-1) * z * x + x;
  let e = expf(min(a, 88.0));
  let h = expf(0.5 * a); // e^a may be too large where sinh is not
  let big = select(0.5 * e - 0.5 / e, (0.5 * h) * h, a > 88.0);
  return select(select(p, select(big, -big, x < 0.0), a > 1.0), x, (x == 0.0) | isnanf(x));
}`,
  coshf: `fn coshf(x: f32) -> f32 {
  let a = abs(x);
  let e = expf(min(a, 88.0));
  let h = expf(0.5 * a);
  return select(select(0.5 * e + 0.5 / e, (0.5 * h) * h, a > 88.0), x, isnanf(x));
}`,
  logaddexpf: `fn logaddexpf(a: f32, b: f32) -> f32 {
  let y = max(a, b) + log1pf(expf(-abs(a - b)));
  return select(select(y, a, (a == b) & !isfinitef(a)), a + b, isnanf(a) | isnanf(b));
}`,
  // The remainder of a / b with the sign of a, exact: the digits of the quotient are taken off eight at a time.
  fmodf: `fn fmodf(a: f32, b: f32) -> f32 {
  let x = bitcast<u32>(a) & 0x7fffffffu;
  let y = bitcast<u32>(b) & 0x7fffffffu;
  if ((y == 0u) | (x >= 0x7f800000u) | (y > 0x7f800000u)) { return nanf(); }
  if (x < y) { return a; }
  let ex = max(x >> 23u, 1u);
  let ey = max(y >> 23u, 1u);
  let my = select(y & 0x7fffffu, (y & 0x7fffffu) | 0x800000u, y >= 0x800000u);
  var r = select(x & 0x7fffffu, (x & 0x7fffffu) | 0x800000u, x >= 0x800000u) % my;
  for (var n = ex - ey; n > 0u; n -= min(n, 8u)) { r = (r << min(n, 8u)) % my; }
  if (r == 0u) { return bitcast<f32>(bitcast<u32>(a) & 0x80000000u); }
  let shift = min(countLeadingZeros(r) - 8u, ey - 1u);
  let m = r << shift;
  let bits = select(m, (m & 0x7fffffu) | ((ey - shift) << 23u), m >= 0x800000u);
  return bitcast<f32>(bits | (bitcast<u32>(a) & 0x80000000u));
}`,
  // The remainder with the sign of b.
  remainderf: `fn remainderf(a: f32, b: f32) -> f32 {
  let r = fmodf(a, b);
  let apart = (r != 0.0) & ((bitcast<u32>(r) ^ bitcast<u32>(b)) >> 31u == 1u);
  return select(r, select(r + b, b, !isfinitef(b) & !isnanf(b)), apart & !isnanf(r));
}`,
  hypotf: `fn hypotf(a: f32, b: f32) -> f32 {
  let x = abs(a);
  let y = abs(b);
  let most = max(x, y);
  let scale = select(select(1.0, 0x1p100, most < 0x1p-60), 0x1p-70, most > 0x1p60);
  let p = x * scale;
  let q = y * scale;
  let r = sqrt(p * p + q * q) / scale;
  let vast = (!isfinitef(a) & !isnanf(a)) | (!isfinitef(b) & !isnanf(b));
  return select(select(r, nanf(), isnanf(a) | isnanf(b)), infinityf(), vast);
}`,
  product_high: `fn product_high(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu; let ah = a >> 16u; let bl = b & 0xffffu; let bh = b >> 16u;
  let middle = ah * bl + ((al * bl) >> 16u);
  return ah * bh + (middle >> 16u) + ((al * bh + (middle & 0xffffu)) >> 16u);
}`,
  // Reduces x to r in [-pi/4, pi/4] and the number of quarter turns modulo 4, as Payne and Hanek do it, so that any x is
  // right: of the product of x and 2/pi only the 96 bits from those that count quarter turns down are computed.
  quarter_turns: `fn quarter_turns(x: f32) -> vec2f {
  var digits = array<u32, 8>(0u, 0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u); // 2/pi
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let first = clamp(bits >> 23u, 126u, 254u) - 96u; // the first digit of 2/pi that matters
  let k = first >> 5u; let s = first & 31u;
  let w0 = (digits[k] << s) | ((digits[k + 1u] >> 1u) >> (31u - s));
  let w1 = (digits[k + 1u] << s) | ((digits[k + 2u] >> 1u) >> (31u - s));
  let w2 = (digits[k + 2u] << s) | ((digits[k + 3u] >> 1u) >> (31u - s));
  let m = ((bits & 0x7fffffu) | 0x800000u) << 8u;
  let carry = product_high(m, w2);
  let p1 = m * w1 + carry;
  let p2 = m * w0 + product_high(m, w1) + select(0u, 1u, p1 < carry);
  // p2 begins with two bits of quarter turns; what follows is a fraction, taken as one from -1/2 to 1/2
  var high = (p2 << 2u) | (p1 >> 30u);
  var low = (p1 << 2u) | ((m * w2) >> 30u);
  let up = high >> 31u;
  if (up == 1u) { low = ~low + 1u; high = ~high + select(0u, 1u, low == 0u); }
  let f = f32(high) * 0x1p-32 + f32(low) * 0x1p-64;
  let r = select(f, -f, up == 1u) * 1.57079637;
  let turns = vec2f(r, f32(((p2 >> 30u) + up) & 3u));
  return select(select(turns, -turns, x < 0.0), vec2f(x, 0.0), bits <= 0x3f490fdau);
}`,
  sin_core: `fn sin_core(r: f32) -> f32 {
  let z = r * r;
  return ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r;
}`,
  cos_core: `fn cos_core(r: f32) -> f32 {
  let z = r * r;
  return ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
}`,
  sinf: `fn sinf(x: f32) -> f32 {
  let q = quarter_turns(x);
  let turns = i32(q.y) & 3;
  let y = select(sin_core(q.x), cos_core(q.x), (turns & 1) == 1);
  return select(select(select(y, -y, turns >= 2), x, x == 0.0), nanf(), !isfinitef(x));
}`,
  cosf: `fn cosf(x: f32) -> f32 {
  let q = quarter_turns(x);
  let turns = i32(q.y) & 3;
  let y = select(cos_core(q.x), sin_core(q.x), (turns & 1) == 1);
  return select(select(y, -y, (turns == 1) | (turns == 2)), nanf(), !isfinitef(x));
}`,
  // The upper 12 bits of a significand: products of two such are exact.
  headf: "fn headf(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }",
  // 2^(p log2 x), with x = 2^e m and log2 m = 2/ln 2 (s + s³/3 + s⁵/5 + …) for s = (m - 1)/(m + 1). The logarithm has a
  // head and a rest, as its rounding error counts p times.
  powf: `fn powf(x: f32, p: f32) -> f32 {
  let a = abs(x);
  let tiny = a < 1.1754944e-38;
  let bits = bitcast<u32>(select(a, a * 8388608.0, tiny));
  var e = f32(i32(bits >> 23u) - 126) - select(0.0, 23.0, tiny);
  var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f000000u);
  let low = m < 0.70710677;
  e = select(e, e - 1.0, low);
  m = select(m, m + m, low);
  let d = m + 1.0;
  let s = (m - 1.0) / d;
  let s_head = headf(s);
  let d_head = headf(d);
  let s_rest = ((m - 1.0 - s_head * d_head) - s_head * (m - (d_head - 1.0))) / d;
  let z = s * s;
  let tail = s * z * ((((0.09090909 * z + 0.11111111) * z + 0.14285715) * z + 0.2) * z + 0.33333334);
  let first = 2.884765625 * s_head; // exact
  let second = 6.2445678e-4 * s_head + 2.8853901 * (s_rest + tail);
  let log_head = headf(e + (first + second));
  let log_rest = ((e - log_head) + first) + second;
  let q = clamp(p, -0x1p64, 0x1p64);
  let q_head = headf(q);
  let y_head = q_head * log_head;
  let y_rest = (q - q_head) * (log_head + log_rest) + q_head * log_rest;
  let k = clamp(floor(y_head + y_rest + 0.5), -200.0, 200.0);
  // e^(t ln 2) = 1 + r + exp_tail(r), with r = r_head + r_rest and ln 2 in two parts
  let t = clamp(y_head - k, -1.0, 1.0);
  let t_head = headf(t);
  let product = 0.693115234375 * t_head; // exact
  let r_head = headf(product);
  let r_rest = (product - r_head) + (3.1946184e-5 * t_head + 0.6931472 * clamp((t - t_head) + y_rest, -1.0, 1.0));
  let part = (1.0 + r_head) + (r_rest + exp_tail(r_head + r_rest));
  let third = floor(k / 3.0);
  let scale = pow2i(i32(third));
  let y = ((part * scale) * scale) * pow2i(i32(k - 2.0 * third));
  let odd = (abs(p) < 16777216.0) & (p == floor(p)) & ((i32(p) & 1) == 1);
  let whole_p = p == floor(p);
  var r = select(y, -y, (x < 0.0) & odd);
  r = select(r, nanf(), (x < 0.0) & !whole_p & isfinitef(x));
  // signed zeros and infinities: the bits say the sign of -0
  let negative = ((bitcast<u32>(x) >> 31u) == 1u) & odd;
  let vast = select(infinityf(), -infinityf(), negative);
  let none = select(0.0, -0.0, negative);
  r = select(r, select(none, vast, p < 0.0), a == 0.0);
  r = select(r, select(vast, none, p < 0.0), !isfinitef(a) & !isnanf(a));
  let huge_p = !isfinitef(p) & !isnanf(p);
  r = select(r, select(select(0.0, infinityf(), (a > 1.0) == (p > 0.0)), 1.0, a == 1.0), huge_p);
  r = select(r, nanf(), isnanf(x) | isnanf(p));
  return select(r, 1.0, (p == 0.0) | (x == 1.0));
}`,
  pow2i: `fn pow2i(k: i32) -> f32 { return bitcast<f32>(u32(clamp(k, -126, 127) + 127) << 23u); }`,
  sigmoidf: `fn sigmoidf(x: f32) -> f32 { return 1.0 / (1.0 + expf(-x)); }`,
  // erfc of a >= 1, scaled by nothing: accurate in relative terms far into the tail.
  erfc_tail: `fn erfc_tail(a: f32) -> f32 {
  let q = 1.0 / a;
  let y = q * q;
  let p = (((((((2.326819970068386e-2 * y - 1.387039388740657e-1) * y + 3.687424674597105e-1) * y - 5.824733027278666e-1) * y + 6.210004621745983e-1) * y - 4.944515323274145e-1) * y + 3.404879937665872e-1) * y - 2.741127028184656e-1) * y + 5.638259427386472e-1;
  let r = ((((((-1.047766399936249e1 * y + 1.297719955372516e1) * y - 7.495518717768503) * y + 2.921019019210786) * y - 1.0152652792027) * y + 4.218463358204948e-1) * y - 2.820767439740514e-1) * y + 5.641895067754075e-1;
  // e^(-a²) with a² in two parts, as its rounding error is large beside 1
  let h = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let tail = expf(-h * h) * expf(-(a - h) * (a + h));
  return tail * q * select(r, p, a < 2.0);
}`,
  erf_core: `fn erf_core(x: f32) -> f32 {
  let z = x * x;
  return x * ((((((7.853861353153693e-5 * z - 8.010193625184903e-4) * z + 5.188327685732524e-3) * z - 2.685381193529856e-2) * z + 1.128358514861418e-1) * z - 3.7612625824233e-1) * z + 1.12837916572671);
}`,
  erff: `fn erff(x: f32) -> f32 {
  let a = abs(x);
  let t = 1.0 - erfc_tail(clamp(a, 1.0, 10.0));
  return select(select(erf_core(x), select(t, -t, x < 0.0), a >= 1.0), x, isnanf(x));
}`,
  erfcf: `fn erfcf(x: f32) -> f32 {
  let t = erfc_tail(clamp(abs(x), 1.0, 12.0));
  return select(select(1.0 - erf_core(x), select(t, 2.0 - t, x < 0.0), abs(x) >= 1.0), x, isnanf(x));
}`,
};

/** The names of all functions of this file, of those too that only others of them call. */
export const MATH_FUNCTIONS: readonly string[] = Object.keys(SOURCES);

/**
 * The declarations of those functions of this file that `text` calls, and of what they call.
 *
 * @param declared Text whose own declarations are not repeated, such as an epilogue's.
 */
export function mathFunctions(text: string, declared = ""): string {
  const wanted = new Set<string>();
  const visit = (source: string) => {
    for (const [, name = ""] of source.matchAll(/\b(\w+)\(/g)) {
      const its = SOURCES[name];
      if (its === undefined || wanted.has(name) || declared.includes(`fn ${name}(`)) continue;
      wanted.add(name);
      visit(its);
    }
  };
  visit(text);
  return [...wanted].map((name) => SOURCES[name] + "\n").join("");
}
