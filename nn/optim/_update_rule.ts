/**
 * What an optimiser says of its update: a program for one element, and the program's numbers at each step.
 *
 * @module
 */
import {
  type ElementFunction,
  floatFunction,
  type Program,
  type Ref,
} from "../../ops/kernels/wgsl/program.ts";

/** How one group's parameters are updated. */
export interface UpdateRule {
  /** Name of the kernel. */
  readonly name: string;
  /** Inputs: parameter, gradient, states. Outputs: parameter, states. All float32. */
  readonly program: Program;
  /** PyTorch's names of the states. */
  readonly states: readonly string[];
  /** What the states hold before the first step. */
  readonly initial: number;
  /** The program's numbers for a step, which is counted from 1. */
  numbers(step: number): number[];
}

/** A program over parameter, gradient and `states` states whose steps are functions with the names of their arguments. */
export function updateProgram(
  states: number,
  numbers: number,
  steps: readonly (readonly [fn: ElementFunction, args: string])[],
  outputs: string,
): Program {
  const floats = (n: number) => Array.from({ length: n }, () => "float32" as const);
  return {
    inputs: floats(2 + states),
    numbers: floats(numbers),
    steps: steps.map(([fn, args]) => ({ fn, args: args.split(" ") as Ref[] })),
    outputs: outputs.split(" "),
  };
}

/**
 * The gradient with the share of the penalty on large weights, negated where the objective is to grow. Without a
 * penalty the parameter is left out, as 0 times infinity is NaN.
 */
export const PENALIZED: ElementFunction = floatFunction(
  "penalized",
  ["p", "g", "sign", "decay"],
  "select(sign * g, sign * g + decay * p, decay != 0.0)",
);

/** A running average: `share` of `x` comes in, and `kept` of what there was stays. */
export const AVERAGED: ElementFunction = floatFunction(
  "averaged",
  ["a", "x", "kept", "share"],
  "kept * a + share * x",
);

/** A running average of squares. */
export const AVERAGED_SQUARE: ElementFunction = floatFunction(
  "averaged_square",
  ["a", "x", "kept", "share"],
  "kept * a + share * x * x",
);

/** `count` numbers, evaluated at each replay: the first one asks for all. */
export function askedOnce(count: number, ask: () => number[]): (() => number)[] {
  let numbers: number[] = [];
  return Array.from({ length: count }, (_, k) => () => (k === 0 ? numbers = ask() : numbers)[k]!);
}
