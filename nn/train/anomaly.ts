/**
 * What `detectAnomaly` finds, and how it is told.
 *
 * @module
 */
import {
  ANYTHING,
  instanceOf,
  listOf,
  NUMBER,
  oneOf,
  recordOf,
  required,
  SHAPE,
  TEXT,
  whole,
} from "../../ops/core/kinds.ts";
import { show } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import { adviceFor } from "./_anomaly_advice.ts";

/**
 * What was not finite: an input of the step (data, or another tensor from outside), a parameter before the step, the
 * output of an operation, a gradient, or a parameter after the step, which the optimiser's update made. `"unknown"` where
 * no operation could be blamed.
 */
export type AnomalyKind = "input" | "parameter" | "output" | "gradient" | "update" | "unknown";

/** How large the numbers of a layer were. */
export interface AnomalyRow {
  /** The layer's path and class, such as `2.conv1 (Conv2d)`; of a parameter or input its name. */
  layer: string;
  /** What was measured. */
  what: "input" | "parameter" | "output" | "gradient";
  /** The largest absolute value; infinite or NaN if one of them is. */
  largest: number;
}

/** What an {@linkcode Anomaly} is made of. */
export interface AnomalyFacts {
  /** What was not finite. */
  kind: AnomalyKind;
  /** The layer's path and class, such as `2.conv1 (Conv2d)`; the parameter's name; "" outside of layers. */
  layer: string;
  /** The operation, such as `conv2d`; in a gradient's case the one whose gradient it is. */
  operation: string;
  /** What was found: NaN, or an infinity. */
  value: number;
  /** Shape of the tensor. */
  shape: readonly number[];
  /** Where an infinity first became NaN, if it did on the way to the loss. */
  becameNaN?: { layer: string; operation: string } | undefined;
  /** Largest values up to there, in the order of the step. */
  before: readonly AnomalyRow[];
  /** The step, counted from 1, if it is known; in `fit` that of the epoch. */
  step?: number | undefined;
  /** The epoch, counted from 1, if it is known. */
  epoch?: number | undefined;
  /** What else is to be said, such as why nothing could be blamed. */
  note?: string | undefined;
}

const takes = signature<AnomalyFacts>("make an Anomaly", {}, {
  kind: required(oneOf("input", "parameter", "output", "gradient", "update", "unknown")),
  layer: required(TEXT),
  operation: required(TEXT),
  value: required(NUMBER),
  shape: required(SHAPE),
  becameNaN: recordOf(TEXT, "texts"),
  before: required(listOf(recordOf(ANYTHING, "facts"), "rows")),
  step: whole(0),
  epoch: whole(0),
  note: TEXT,
});

/** Rows that a printed report has at most. */
const MOST_ROWS = 24;

/**
 * The first number of a step that is not finite and reaches the loss or a gradient. Prints as a report of some lines.
 *
 * @example Usage
 * ```ts
 * import { type Anomaly, detectAnomaly, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([0], { requiresGrad: true });
 * const anomaly: Anomaly | null = await detectAnomaly(() => w.log().sum().backward());
 * assertEquals([anomaly!.operation, anomaly!.value], ["log", -Infinity]);
 * assertStringIncludes(String(anomaly), "log gave -Infinity");
 * ```
 */
export class Anomaly {
  /** What was not finite. */
  readonly kind: AnomalyKind;
  /** The layer's path and class, such as `2.conv1 (Conv2d)`; the parameter's name; "" outside of layers. */
  readonly layer: string;
  /** The operation, such as `conv2d`; in a gradient's case the one whose gradient it is. */
  readonly operation: string;
  /** What was found: NaN, or an infinity. */
  readonly value: number;
  /** Shape of the tensor. */
  readonly shape: readonly number[];
  /** Where an infinity first became NaN, if it did on the way to the loss. */
  readonly becameNaN?: { layer: string; operation: string } | undefined;
  /** Largest values up to there, in the order of the step. */
  readonly before: readonly AnomalyRow[];
  /** The step, counted from 1, if it is known; in `fit` that of the epoch. */
  readonly step?: number | undefined;
  /** The epoch, counted from 1, if it is known. */
  readonly epoch?: number | undefined;
  /** What else is to be said. */
  readonly note?: string | undefined;

  /** Makes an anomaly of what was found. */
  constructor(facts: AnomalyFacts) {
    takes(arguments);
    this.kind = facts.kind;
    this.layer = facts.layer;
    this.operation = facts.operation;
    this.value = facts.value;
    this.shape = facts.shape;
    this.becameNaN = facts.becameNaN;
    this.before = facts.before;
    this.step = facts.step;
    this.epoch = facts.epoch;
    this.note = facts.note;
  }

  /** What to try. */
  get advice(): string {
    return adviceFor(this);
  }

  /** What was found, and where, in one line. */
  get headline(): string {
    const place = this.layer === "" ? "" : ` in ${this.layer}`, shape = show(this.shape);
    const what = {
      input: `an input of ${this.operation}${place}, of shape ${shape}, has ${this.value} in it`,
      parameter: `${this.layer}, of shape ${shape}, had ${this.value} in it before the step`,
      output: `${this.operation} gave ${this.value}${place}, shape ${shape}`,
      gradient: this.operation === "accumulation"
        ? `the gradients that met in ${this.layer}, of shape ${shape}, gave ${this.value}`
        : `the gradient of ${this.operation} gave ${this.value}${place}, shape ${shape}`,
      update: `the optimiser's update left ${this.value} in ${this.layer}, of shape ${shape}`,
      unknown: `no operation of the step could be blamed`,
    }[this.kind];
    return `${when(this)}${what}`;
  }

  /** The report: what was found, where it became NaN, the largest values before it, and what to try. */
  toString(): string {
    const lines = [this.headline], { becameNaN, before, note } = this;
    if (becameNaN) {
      const place = becameNaN.layer === "" ? "" : ` in ${becameNaN.layer}`;
      lines.push(`it became NaN in ${becameNaN.operation}${place}`);
    }
    if (note) lines.push(note);
    if (before.length > 0) lines.push("largest values up to there:");
    const shown = before.slice(-MOST_ROWS), width = Math.max(0, ...shown.map(({ layer }) => layer.length));
    if (shown.length < before.length) lines.push(`  … ${before.length - shown.length} before`);
    for (const { layer, what, largest } of shown) {
      lines.push(`  ${layer.padEnd(width)}  ${what.padEnd(9)}  ${scientific(largest)}`);
    }
    lines.push(`what to try: ${this.advice}`);
    return lines.join("\n");
  }

  /** The report where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

const takesAnomaly = signature("make an AnomalyError", {
  anomaly: instanceOf(Anomaly, "an Anomaly", "anomaly"),
});

function when({ epoch, step }: Anomaly): string {
  const parts = [epoch === undefined ? "" : `epoch ${epoch}`, step === undefined ? "" : `step ${step}`];
  const text = parts.filter((part) => part !== "").join(", ");
  return text === "" ? "" : `${text}: `;
}

function scientific(value: number): string {
  if (!Number.isFinite(value) || value === 0) return `${value}`;
  return value >= 1e-3 && value < 1e5 ? `${Number(value.toPrecision(4))}` : value.toExponential(2);
}

/**
 * Says that training cannot go on as something was not finite. The message is the whole report.
 *
 * @example Usage
 * ```ts
 * import { AnomalyError, fit, nn, openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Linear(1, 1), batch = [tensor([[NaN]]), tensor([[1]])] as const;
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
 * const training = () => fit(net, [batch], { optimizer, loss: new nn.MSELoss(), epochs: 1 });
 * const { anomaly } = await assertRejects(training, AnomalyError);
 * assertEquals([anomaly.kind, anomaly.epoch, anomaly.step], ["input", 1, 1]);
 * ```
 */
export class AnomalyError extends Error {
  /** What was found. */
  readonly anomaly: Anomaly;

  /** Makes the error of what was found. */
  constructor(anomaly: Anomaly) {
    takesAnomaly(arguments);
    super(`Cannot go on training as every loss, gradient and parameter must be finite: ${anomaly}`);
    this.name = "AnomalyError";
    this.anomaly = anomaly;
  }
}
