/**
 * How the kernels of a convolution read its weights: small ones as they are from a uniform buffer, which
 * costs a fifth of a storage load on a CPU adapter; large ones repacked, so that one load gives the weights
 * of four result channels.
 *
 * @module
 */
import type { Dispatch } from "../../../gpu/kernel.ts";
import { Storage } from "../../../gpu/storage.ts";
import type { Adapter } from "../../adapter.ts";
import { type WeightShape, weightStrides } from "../geometry.ts";
import { packWeights } from "../pack_weights.ts";
import type { BindingDecl } from "../../wgsl/source.ts";
import { range, read, vectorOf } from "../../wgsl/text.ts";

/** Reading weights in a kernel: the binding, and text for a tile of result channels. */
export interface WeightReader {
  readonly binding: BindingDecl;
  readonly storage: Storage;
  readonly declarations: string;
  /** Dispatches before the kernel, and the memory that they fill. */
  readonly before: Dispatch[];
  readonly temporaries: Storage[];
  /** u32 expression: where the weights of source channel `s` and the tile's first channel `o` begin. */
  base(part: string, s: string, o: string): string;
  /**
   * Statements that load the weights of `results` channels from `base`, and the names they go by.
   *
   * @param first The first of the channels, counted in the tile.
   * @param row u32 expression: the kernel's row.
   */
  load(base: string, first: number, results: number, row: string, tag: string): {
    code: string;
    at: (o: number, kx: number) => string;
  };
  /** Channels that are best loaded together. */
  readonly together: number;
}

/** Largest binding of a uniform buffer that every adapter takes. */
const MOST_UNIFORM_BYTES = 65536;

/** Whether weights of this shape fit a uniform buffer. */
export function fitsUniform(shape: WeightShape): boolean {
  return 4 * weightCount(shape) <= MOST_UNIFORM_BYTES;
}

function weightCount({ groups, sources, results, kh, kw }: WeightShape): number {
  return groups * sources * results * kh * kw;
}

/** Chooses how the weights are read by tiles of `tile` channels. */
export function readWeights(
  shape: WeightShape,
  weight: Storage,
  tile: number,
  adapter: Adapter,
): WeightReader {
  return fitsUniform(shape) ? uniformReader(shape, weight) : packedReader(shape, weight, tile, adapter);
}

function uniformReader(shape: WeightShape, weight: Storage): WeightReader {
  const { sources, results, kh, kw } = shape;
  const taps = kh * kw, count = weightCount(shape), { strideO, strideS } = weightStrides(shape);
  return {
    binding: { name: "w", type: `array<${vectorOf("f32", 4)}, ${Math.ceil(count / 4)}>`, access: "uniform" },
    storage: weight,
    declarations: `fn weight(i: u32) -> f32 { return w[i / 4u][i % 4u]; }`,
    before: [],
    temporaries: [],
    together: 1,
    base: (part, s, o) => `${part} * ${sources * results * taps}u + ${s} * ${strideS}u + ${o} * ${strideO}u`,
    load: (base, first, channels, row, tag) => {
      const lines = range(channels).flatMap((o) =>
        range(kw).map((kx) => {
          const index = `${base} + ${row} * ${kw}u + ${(first + o) * strideO + kx}u`;
          return `let w${tag}_${o}_${kx} = weight(${index});`;
        })
      );
      return { code: lines.join("\n"), at: (o, kx) => `w${tag}_${o}_${kx}` };
    },
  };
}

function packedReader(shape: WeightShape, weight: Storage, tile: number, adapter: Adapter): WeightReader {
  const { sources, kh, kw, results, groups } = shape;
  const quads = Math.ceil(tile / 4) * Math.ceil(results / tile);
  const packed = new Storage(weight.device, 16 * groups * sources * kh * kw * quads);
  return {
    binding: read("w", vectorOf("f32", 4)),
    storage: packed,
    declarations: "",
    before: [packWeights(shape, weight, packed, quads, adapter)],
    temporaries: [packed],
    together: 4,
    base: (part, s, o) => `(${part} * ${sources}u + ${s}) * ${kh * kw * quads}u + ${o} / 4u`,
    load: (base, first, channels, row, tag) => {
      const lines = range(Math.ceil(channels / 4)).flatMap((q) =>
        range(kw).map((kx) =>
          `let w${tag}_${q}_${kx} = w[${base} + (${row} * ${kw}u + ${kx}u) * ${quads}u + ${first / 4 + q}u];`
        )
      );
      return { code: lines.join("\n"), at: (o, kx) => `w${tag}_${o >> 2}_${kx}[${o & 3}]` };
    },
  };
}
