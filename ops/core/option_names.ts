/**
 * Which option was meant by a name that no option has.
 *
 * @module
 */

/** Names of other libraries and of older versions, in small letters without underscores, and what they are called here. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  alpha: ["negativeSlope"],
  axes: ["dim", "dims"],
  axis: ["dim"],
  beta: ["bias"],
  beta1: ["betas"],
  beta2: ["betas"],
  classes: ["numClasses"],
  classweight: ["weight"],
  constantvalues: ["value"],
  correction: ["unbiased"],
  ddof: ["unbiased"],
  decay: ["weightDecay"],
  depth: ["numClasses"],
  dilationrate: ["dilation"],
  droprate: ["p"],
  epsilon: ["eps"],
  fillvalue: ["value"],
  gamma: ["weight"],
  kernel: ["kernelSize"],
  ksize: ["kernelSize"],
  l2: ["weightDecay"],
  learningrate: ["lr"],
  ord: ["p"],
  poolsize: ["kernelSize"],
  probability: ["p"],
  rate: ["p", "lr"],
  reduce: ["reduction"],
  rho: ["alpha"],
  scale: ["scaleFactor"],
  sizeaverage: ["reduction"],
  slope: ["negativeSlope"],
  type: ["dtype"],
  usebias: ["bias"],
};

/**
 * The name that was probably meant: the same but for case and underscores, what another library calls so, or at most two
 * letters away.
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  const same = known.find((other) => plain(other) === plain(name));
  if (same !== undefined) return same;
  const here = Object.hasOwn(FOREIGN, plain(name)) ? FOREIGN[plain(name)] : undefined;
  const foreign = here?.find((other) => known.includes(other));
  if (foreign !== undefined) return foreign;
  const near = known.map((other) => ({ other, distance: editDistance(plain(name), plain(other)) }))
    .filter(({ other, distance }) => distance <= 2 && distance < other.length / 2)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.other;
}

/** How many letters must be put in, taken out or changed to make one text the other (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
