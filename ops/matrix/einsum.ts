/**
 * Sums of products by a formula of letters, as one product of matrices for each pair of operands.
 *
 * The operands are taken from the left. Letters that neither the result nor a later operand has are
 * summed: those of one operand alone at once, those of both as the inner dimension of the product. What
 * both have and is needed later is the batch.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { TEXT } from "../core/kinds.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { sum } from "../reduction/sum.ts";
import { diagonal } from "../shape/diagonal.ts";
import { expand } from "../shape/expand.ts";
import { permute } from "../shape/permute.ts";
import { viewAs } from "../shape/view_as.ts";
import { matmul } from "./matmul.ts";

/** A tensor, and the letter of each of its dimensions. */
interface Operand {
  readonly t: Tensor;
  readonly letters: readonly string[];
}

const takes = signature("apply einsum", { equation: TEXT });
const takesOperand = signature("apply einsum", { operand: FLOAT_TENSOR });

/**
 * Multiplies tensors and adds up by a formula: letters name dimensions, those of the result stand behind
 * the arrow, and the others are summed. Without an arrow the result has the letters that occur once, in
 * the order of the alphabet. `...` stands for dimensions without a letter, which broadcast.
 *
 * @param equation The formula, such as `"bij,bjk->bik"`.
 * @param operands A tensor for each part of it, float32.
 * @returns The result.
 * @throws {RangeError} If the formula and the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { einsum, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const a = tensor([[1, 2], [3, 4]]), b = tensor([1, 10]);
 * assertEquals(await einsum("ij,j->i", a, b).toArray(), [21, 43]);
 * assertEquals(await einsum("ii", a).item(), 5);
 * ```
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  takes([equation]);
  for (const t of operands) takesOperand([t]);
  const { inputs, output } = parse(equation, operands);
  const sizes = sizesOf(equation, inputs);
  return composed(() => {
    const [first, ...rest] = inputs.map((x) => prepared(x, sizes)) as [Operand, ...Operand[]];
    let y = rest.reduce(
      (a, b, k) => product(a, b, new Set([...output, ...rest.slice(k + 1).flatMap((x) => x.letters)]), sizes),
      first,
    );
    y = without(y, y.letters.filter((c) => !output.includes(c)));
    const order = output.map((c) => y.letters.indexOf(c));
    return order.every((d, k) => d === k) ? y.t : permute(y.t, order);
  });
}

function refuse(equation: string, must: string, found: string): never {
  throw new RangeError(`Cannot apply einsum as ${must}: ${found} in ${JSON.stringify(equation)}`);
}

/** The letters of each operand and of the result; dimensions of `...` have numbers in their place, from the end. */
function parse(equation: string, tensors: readonly Tensor[]): { inputs: Operand[]; output: string[] } {
  const [left, right, ...more] = equation.replaceAll(/\s/g, "").split("->") as [string, ...string[]];
  const parts = left.split(",");
  if (more.length > 0 || tensors.length === 0 || parts.length !== tensors.length) {
    refuse(equation, "there must be one part for each operand", `${parts.length} for ${tensors.length}`);
  }
  const inputs = parts.map((part, k) => ({
    t: tensors[k]!,
    letters: lettersOf(equation, part, tensors[k]!.shape.length),
  }));
  const all = inputs.flatMap(({ letters }) => letters);
  const dots = [...new Set(all.filter((c) => c.length > 1))].sort((a, b) => Number(b) - Number(a));
  const once = () => [
    ...dots,
    ...[...new Set(all)].filter((c) => c.length === 1 && all.indexOf(c) === all.lastIndexOf(c)).sort(),
  ];
  const output = right === undefined ? once() : lettersOf(equation, right, null, dots);
  if (new Set(output).size !== output.length) {
    refuse(equation, "a letter must stand once in the result", right ?? "");
  }
  const unknown = output.find((c) => !all.includes(c));
  if (unknown !== undefined) {
    refuse(equation, "each letter of the result must be one of an operand's", unknown);
  }
  return { inputs, output };
}

function lettersOf(
  equation: string,
  part: string,
  rank: number | null,
  dots: readonly string[] = [],
): string[] {
  const match = /^([A-Za-z]*)(\.\.\.)?([A-Za-z]*)$/.exec(part);
  if (!match) refuse(equation, "a part must be letters, and ... once", JSON.stringify(part));
  const [, before = "", dotted, after = ""] = match, named = before.length + after.length;
  if (rank !== null && (dotted ? named > rank : named !== rank)) {
    refuse(equation, "a part must have a letter for each dimension", `${part} for ${rank} dimensions`);
  }
  const free = rank === null
    ? dots
    : Array.from({ length: rank - named }, (_, k) => `${10 + rank - named - 1 - k}`);
  return [...before, ...(dotted ? free : []), ...after];
}

/** The size of each letter: where operands differ one must be 1. */
function sizesOf(equation: string, inputs: readonly Operand[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { t, letters } of inputs) {
    letters.forEach((c, d) => {
      const before = sizes.get(c) ?? 1, size = t.shape[d]!;
      if (before !== 1 && size !== 1 && before !== size) {
        refuse(
          equation,
          "a letter must have one size, or 1",
          `${c.length > 1 ? "..." : c} is ${before} and ${size}`,
        );
      }
      sizes.set(c, before === 1 ? size : before);
    });
  }
  return sizes;
}

/** An operand with each letter once, and in its full size. */
function prepared({ t, letters }: Operand, sizes: ReadonlyMap<string, number>): Operand {
  const wanted = letters.map((c) => sizes.get(c)!);
  let y = wanted.every((n, d) => n === t.shape[d]) ? t : expand(t, wanted), names = [...letters];
  for (let d = 0; d < names.length; d++) {
    const again = names.indexOf(names[d]!, d + 1);
    if (again < 0) continue;
    y = diagonal(y, { dim1: d, dim2: again });
    names = [...names.filter((_, k) => k !== d && k !== again), names[d]!];
    d = -1;
  }
  return { t: y, letters: names };
}

/** The operand with some letters added up. */
function without({ t, letters }: Operand, gone: readonly string[]): Operand {
  if (gone.length === 0) return { t, letters };
  return {
    t: sum(t, { dim: gone.map((c) => letters.indexOf(c)) }),
    letters: letters.filter((c) => !gone.includes(c)),
  };
}

/** The product of two operands, with what nobody needs added up. */
function product(
  a: Operand,
  b: Operand,
  needed: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Operand {
  a = without(a, a.letters.filter((c) => !needed.has(c) && !b.letters.includes(c)));
  b = without(b, b.letters.filter((c) => !needed.has(c) && !a.letters.includes(c)));
  const both = a.letters.filter((c) => b.letters.includes(c));
  const batch = both.filter((c) => needed.has(c)), inner = both.filter((c) => !needed.has(c));
  const rows = a.letters.filter((c) => !both.includes(c)),
    columns = b.letters.filter((c) => !both.includes(c));
  const count = (letters: readonly string[]) => letters.reduce((n, c) => n * sizes.get(c)!, 1);
  const arranged = ({ t, letters }: Operand, order: readonly string[], shape: readonly number[]) =>
    viewAs("einsum", permute(t, order.map((c) => letters.indexOf(c))), shape);
  const left = arranged(a, [...batch, ...rows, ...inner], [count(batch), count(rows), count(inner)]);
  const right = arranged(b, [...batch, ...inner, ...columns], [count(batch), count(inner), count(columns)]);
  const letters = [...batch, ...rows, ...columns];
  return { t: viewAs("einsum", matmul(left, right), letters.map((c) => sizes.get(c)!)), letters };
}
