/**
 * What TensorBoard shows, as the messages of its files: scalars, pictures and histograms, under a tag each. The messages are
 * those of tensorboard/compat/proto/summary.proto.
 *
 * @module
 */
import { Message } from "../../ops/core/protobuf.ts";

/** How many bars a histogram has, as those of TensorBoard's own library. */
const BARS = 30;

/** A number under a tag. */
export function scalar(tag: string, value: number): Message {
  return new Message().add(1, tag).addFloat(2, value);
}

/** A picture that is encoded as PNG. */
export interface EncodedPicture {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture in colours under a tag. */
export function picture(tag: string, { png, width, height }: EncodedPicture): Message {
  const rgb = 3;
  return new Message().add(1, tag).add(4, new Message().add(1, height).add(2, width).add(3, rgb).add(4, png));
}

/**
 * The distribution of numbers under a tag: how many lie in each of 30 equal parts between the least and the greatest.
 *
 * @param tag The tag.
 * @param values The numbers; those that are not finite are left out.
 * @returns The message, or null where no number is finite.
 */
export function histogram(tag: string, values: ArrayLike<number>): Message | null {
  let [min, max, num, sum, squares] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    [num, sum, squares] = [num + 1, sum + value, squares + value * value];
  }
  if (num === 0) return null;
  const bars = min === max ? 1 : BARS, width = (max - min) / bars, counts = Array<number>(bars).fill(0);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    counts[width > 0 ? Math.min(bars - 1, Math.floor((values[i] - min) / width)) : 0]++;
  }
  const limits = counts.map((_, i) => i === bars - 1 ? max : min + (i + 1) * width);
  const message = new Message();
  [min, max, num, sum, squares].forEach((value, i) => message.addDouble(i + 1, value));
  return new Message().add(1, tag).add(5, message.addDoubles(6, limits).addDoubles(7, counts));
}
