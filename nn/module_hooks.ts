/**
 * Hooks around a module's `forward`.
 *
 * @module
 */
import type { Module } from "./module.ts";
import { dependOn } from "../ops/core/recorder.ts";
import { Hooks } from "../ops/core/autograd/hooks.ts";

/** Called before a module's `forward`. What it returns, if anything, are the inputs instead: an array, or the only one. */
// deno-lint-ignore no-explicit-any
export type ForwardPreHook = (module: Module, inputs: any[]) => unknown;

/** Called after a module's `forward`. What it returns, if anything, is the output instead. */
// deno-lint-ignore no-explicit-any
export type ForwardHook = (module: Module, inputs: any[], output: any) => unknown;

/**
 * The hooks of one module. The first hook wraps `forward` on that one object: so hooks run whoever calls `forward`, and
 * a module without hooks pays nothing.
 */
export class ModuleHooks {
  /** Called before `forward`. */
  readonly before: Hooks<ForwardPreHook> = new Hooks();
  /** Called after `forward`. */
  readonly after: Hooks<ForwardHook> = new Hooks();

  /** Wraps the `forward` of `module`. */
  constructor(module: Module) {
    const { forward } = module;
    Object.defineProperty(module, "forward", {
      value: (...inputs: unknown[]) => this.#run(module, forward, inputs),
      configurable: true,
      writable: true, // not enumerable: the wrapper is no part of the module's state
    });
  }

  #run(module: Module, forward: Module["forward"], inputs: unknown[]): unknown {
    dependOn(() => this.before.version + this.after.version, this);
    for (const hook of this.before) {
      const changed = hook(module, inputs) ?? inputs;
      inputs = Array.isArray(changed) ? changed : [changed];
    }
    let output: unknown = forward.apply(module, inputs);
    for (const hook of this.after) output = hook(module, inputs, output) ?? output;
    return output;
  }
}
