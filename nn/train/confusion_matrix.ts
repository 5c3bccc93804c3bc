/**
 * Which classes a network takes for which.
 *
 * @module
 */
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { BOOLEAN, ITERABLE, listOf, whole } from "../../ops/core/kinds.ts";
import { type Scope, scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import "../../ops/methods.ts";
import { add } from "../../ops/pointwise/add.ts";
import { mul } from "../../ops/pointwise/mul.ts";
import { argmax } from "../../ops/reduction/argmax.ts";
import { MODULE, type Module } from "../module.ts";
import { BATCH } from "./_batch.ts";
import { forwardOf, inEvaluation } from "./_evaluation.ts";
import { classNames } from "./class_names.ts";
import { classCount, CLASSES } from "./predict.ts";

/** Options of {@linkcode confusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** The names of the classes; those of the loader's data set unless given, else their numbers. */
  classes?: readonly string[] | undefined;
  /** Whether the forward pass is captured once and replayed, see {@linkcode compile}; false unless given. */
  compile?: boolean | undefined;
}

const takesCounts = signature("make a ConfusionMatrix", {
  counts: listOf(listOf(whole(0), "whole numbers from 0 up"), "rows of whole numbers from 0 up"),
  classes: CLASSES,
});

/**
 * How often each class was taken for each. It prints as a table, and is one in a notebook's cell.
 *
 * Get one with {@linkcode confusionMatrix}.
 *
 * @example Usage
 * ```ts
 * import { ConfusionMatrix } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * const matrix = new ConfusionMatrix([[3, 1], [0, 4]], ["shirt", "coat"]);
 * assertEquals([matrix.accuracy, matrix.recall, matrix.precision], [7 / 8, [3 / 4, 1], [1, 4 / 5]]);
 * ```
 */
export class ConfusionMatrix {
  /** `counts[i][j]` is how many examples of class `i` were taken for class `j`. */
  readonly counts: readonly (readonly number[])[];
  /** The names of the classes. */
  readonly classes: readonly string[];

  /**
   * Takes counts that were made.
   *
   * @param counts A row for each true class, a number for each class that it was taken for.
   * @param classes The names of the classes.
   * @throws {RangeError} If there are not as many rows, columns and names.
   */
  constructor(counts: readonly (readonly number[])[], classes: readonly string[]) {
    takesCounts(arguments);
    const sizes = [counts, ...counts].map(({ length }) => length),
      wrong = sizes.find((n) => n !== classes.length);
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot make a ConfusionMatrix as it must have as many rows and columns as classes, ${classes.length}: ${wrong}`,
      );
    }
    this.counts = counts;
    this.classes = classes;
  }

  /** The share of right answers; NaN where there are none at all. */
  get accuracy(): number {
    return sumOf(this.counts.map((row, k) => row[k]!)) / sumOf(this.counts.flat());
  }

  /** Of each class's examples, the share that was found to be of it; NaN where it has none. */
  get recall(): number[] {
    return this.counts.map((row, k) => row[k]! / sumOf(row));
  }

  /** Of what was taken for each class, the share that is of it; NaN where nothing was. */
  get precision(): number[] {
    return this.counts.map((row, k) => row[k]! / sumOf(this.counts.map((other) => other[k]!)));
  }

  /** Writes a table: a row for each true class, a column for what it was taken for, and the recall. */
  toString(): string {
    const head = ["", ...this.classes.map((_, k) => `${k}`), "recall"];
    const rows = this.counts.map((row, k) => [
      `${k} ${this.classes[k]}`,
      ...row.map(String),
      this.recall[k]!.toFixed(3),
    ]);
    const last = ["precision", ...this.precision.map((share) => share.toFixed(3)), this.accuracy.toFixed(3)];
    const table = [head, ...rows, last];
    const widths = head.map((_, c) => Math.max(...table.map((cells) => cells[c]!.length)));
    const line = (cells: readonly string[]) =>
      cells.map((text, c) => c === 0 ? text.padEnd(widths[c]!) : text.padStart(widths[c]!)).join("  ")
        .trimEnd();
    return table.map(line).join("\n");
  }

  /** Writes the table where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** Shows a table in a notebook's cell, the darker the larger a count is for its row. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const escape = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
    const names = this.classes.map((name) => `<th>${escape(name)}</th>`), { recall } = this;
    const rows = this.counts.map((row, k) => {
      const all = sumOf(row) || 1;
      const cells = row.map((n) =>
        `<td style="background:rgba(0,114,178,${(n / all).toFixed(3)})">${n}</td>`
      );
      return `<tr>${names[k]}${cells.join("")}<td>${recall[k]!.toFixed(3)}</td></tr>`;
    });
    const html = `<table><tr><th></th>${names.join("")}<th>recall</th></tr>${rows.join("")}</table>`;
    return { "text/html": html, "text/plain": this.toString() };
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Batches after which what was counted is read, so that little is held on the GPU. */
const READ_AFTER = 64;

const takesBatch = signature("count a confusion matrix", { batch: BATCH });
const takes = signature<ConfusionMatrixOptions>("count a confusion matrix", { net: MODULE, data: ITERABLE }, {
  classes: CLASSES,
  compile: BOOLEAN,
});

/**
 * Counts which classes a network takes for which, in evaluation mode; the mode is restored afterwards.
 *
 * @param net The network; it turns `x` into logits `[n, classes]`.
 * @param data Pairs of inputs and int32 labels `[n]`, such as a `DataLoader`.
 * @param options The names of the classes, and whether the forward pass is compiled.
 * @returns The counts. Rejects with a `RangeError` if there are no batches, the output is no `[n, classes]`, a label is of
 *   no class, or there are not as many names as classes.
 *
 * @example Usage
 * ```ts
 * import { confusionMatrix, nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const batch = [tensor([[3, 1], [1, 2], [0, 5]]), tensor([0, 0, 1], { dtype: "int32" })] as const;
 * const matrix = await confusionMatrix(new nn.Identity(), [batch], { classes: ["shirt", "coat"] });
 * assertEquals(matrix.counts, [[1, 1], [0, 1]]);
 * assertEquals([matrix.accuracy, matrix.recall, matrix.precision], [2 / 3, [0.5, 1], [1, 0.5]]);
 * ```
 */
export async function confusionMatrix(
  net: Module,
  data: Iterable<readonly [x: Tensor, y: Tensor]>,
  options: ConfusionMatrixOptions = {},
): Promise<ConfusionMatrix> {
  takes(arguments);
  const names = options.classes ?? classNames(data), forward = forwardOf(net, options.compile ?? false);
  return await inEvaluation(net, async () => {
    const places: Tensor[] = [];
    let counts: number[] | undefined, classes = 0;
    const count = async () => {
      const all = await Promise.all(
        places.splice(0).map(async (t) => [await t.data(), t.dispose()] as const),
      );
      for (const [values] of all) values.forEach((place) => addTo(counts!, classes, place));
    };
    try {
      for (const batch of data) {
        takesBatch([batch]);
        using inner = scope();
        const [x, y] = batch, logits = noGrad(() => forward(x));
        classes = classCount("count a confusion matrix", logits, names);
        counts ??= Array(classes ** 2).fill(0);
        places.push(placesOf(logits, y, inner));
        if (places.length >= READ_AFTER) await count();
      }
      await count();
    } finally {
      for (const t of places) t.dispose();
    }
    if (!counts) {
      throw new RangeError("Cannot count a confusion matrix as there must be batches: there are none");
    }
    const own = names ?? Array.from({ length: classes }, (_, k) => `${k}`);
    return new ConfusionMatrix(
      own.map((_, k) => counts.slice(k * classes, (k + 1) * classes)),
      own,
    );
  });
}

/** The place of each row in the matrix: its label times the number of classes, and what it was taken for. */
function placesOf(logits: Tensor, y: Tensor, inner: Scope): Tensor {
  const [rows, classes] = logits.shape;
  if (y.dtype !== "int32" || y.shape.length !== 1 || y.shape[0] !== rows) {
    throw new RangeError(
      `Cannot count a confusion matrix as labels must be int32 [${rows}]: ${y.dtype} ${show(y.shape)}`,
    );
  }
  return inner.keep(noGrad(() => add(mul(y, classes!), argmax(logits, { dim: 1 }))));
}

function addTo(counts: number[], classes: number, place: number): void {
  if (place < 0 || place >= counts.length) {
    throw new RangeError(
      `Cannot count a confusion matrix as labels must be from 0 to ${classes - 1}: ${
        Math.floor(place / classes)
      }`,
    );
  }
  counts[place]!++;
}
