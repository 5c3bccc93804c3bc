/**
 * What only the library does with tensors: these members of the class are private, so that no editor offers them.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { GradientHook, Node } from "../autograd/autograd.ts";
import type { Hooks } from "../autograd/hooks.ts";
import type { Scope } from "../scope.ts";
import type { Origin } from "./origin.ts";
import type { Tensor } from "./tensor.ts";

/** The memory behind a tensor. */
export function storageOf(t: Tensor): Storage {
  return t["storage"];
}

/** Another tensor over the same memory, outside autograd, perhaps of another shape with as many elements. */
export function aliasOf(t: Tensor, shape?: readonly number[]): Tensor {
  return t["alias"](shape);
}

/** A tensor of the shape, type and device of `t` that is `value` everywhere. */
export function filledLike(t: Tensor, value: number): Tensor {
  return t["filledLike"](value);
}

/** The operation that a tensor came from, or null for a leaf. */
export function nodeOf(t: Tensor): Node | null {
  return t["node"];
}

/** Makes a tensor the output of a recorded operation. */
export function attachNode(t: Tensor, node: Node): void {
  t["attach"](node);
}

/** Functions that see the gradient arriving at a tensor. */
export function hooksOf(t: Tensor): Hooks<GradientHook> | null {
  return t["hooks"];
}

/** Adds to the gradient of a tensor. The first becomes `grad` itself, if nobody else holds its memory. */
export function addGrad(t: Tensor, g: Tensor): void {
  t["addGrad"](g);
}

/** How a leaf takes part in differentiation: 0 where it does not, else a number that changes with its hooks. */
export function learningOf(t: Tensor): number {
  return t["learning"];
}

/** Whether a tensor was made in a scope or in one inside that. */
export function isMadeIn(t: Tensor, scope: Scope): boolean {
  return t["isMadeIn"](scope);
}

/** What a tensor has to do with others. */
export function originOf(t: Tensor): Origin {
  return t["origin"];
}
