/**
 * Layers whose sizes are those of their first input.
 *
 * Such a layer has no parameters before its first forward pass, and none are invented: who asks for them
 * is refused. Then it becomes the layer that it stands for, class and all, as in PyTorch.
 *
 * @module
 */
import { refuseInCapture } from "../../ops/core/recorder.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module, type Parameter } from "../module.ts";

/** The base of lazy layers. */
export abstract class LazyModule extends Module {
  /** Makes the layer that it becomes, once an input tells the sizes. */
  protected abstract make(x: Tensor): Module;

  /** Becomes the layer that the input asks for, and applies it. */
  override forward(x: Tensor): Tensor {
    refuseInCapture("make the parameters of a lazy layer", "call forward once before");
    const made = this.make(x), { training } = this;
    for (const [name, t] of made.namedBuffers()) this.registerBuffer(name, t);
    Object.assign(this, made);
    Object.setPrototypeOf(this, Object.getPrototypeOf(made));
    this.training = training;
    return this.forward(x);
  }

  /** Refuses: there are none yet. */
  override ownParameters(): [string, Parameter][] {
    throw new Error(
      `Cannot list the parameters of ${this.constructor.name} as a forward pass must have made them: call forward with an input first`,
    );
  }

  /** There is nothing to free yet. */
  override dispose(): void {}
}
