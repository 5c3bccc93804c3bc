import { type Case, checkAvg, checkMax } from "./_pool2d.ts";

/** Windows that are walked in stages, with lines that are whole and lines in pieces; most places lie in many of them. */
const LARGE: Case[] = [
  { n: 1, c: 2, h: 310, w: 305, kernel: [300, 300], stride: [3, 2], epilogue: true },
  { n: 1, c: 1, h: 250, w: 260, kernel: [301, 200], stride: [20, 31], padding: [150, 50], ceilMode: true },
  { n: 1, c: 2, h: 2, w: 30_700, kernel: [2, 30_200], stride: [1, 250], padding: [1, 13], epilogue: true },
  { n: 1, c: 1, h: 70_000, w: 1, kernel: [70_000, 1], padding: [1000, 0], stride: [1000, 1] },
];

Deno.test("maxPool2d over windows of tens of thousands of places gives PyTorch's values, indices and gradients", async () => {
  for (const c of LARGE) await checkMax(c);
  await checkMax({ n: 1, c: 1, h: 450, w: 650, kernel: [200, 200], stride: [25, 25], dilation: [2, 3] });
});

Deno.test("avgPool2d over windows of tens of thousands of places divides as PyTorch does", async () => {
  for (const c of LARGE) await checkAvg(c);
  await checkAvg({ ...LARGE[1], countIncludePad: false });
});

Deno.test("maxPool2d lets a NaN win in a window of many places, and takes the first of equals", async () => {
  const side = 300, plane = side * side, large = new Float32Array(3 * plane).fill(-Infinity);
  large.set([NaN, NaN], plane + 10 * side + 290);
  large.set([NaN, 3, Infinity], plane + 200 * side + 3);
  large.fill(7, 2 * plane + 5 * side + 250, 3 * plane - 100);
  await checkMax({ n: 1, c: 3, h: side, w: side, kernel: [side, side] }, large);
});
