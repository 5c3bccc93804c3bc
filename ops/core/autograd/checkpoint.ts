/**
 * Checkpoints: less memory for more work.
 *
 * Chen, Xu, Zhang, Guestrin: Training deep nets with sublinear memory cost (2016).
 *
 * @module
 */
import { Scope } from "../scope.ts";
import { sameShape, show } from "../shape.ts";
import { signature } from "../signature.ts";
import { sumOfTwo } from "../tensor/compute.ts";
import { StreamTape } from "../tensor/random.ts";
import { aliasOf } from "../tensor/internals.ts";
import { Tensor } from "../tensor/tensor.ts";
import { differentiable, enableGrad, noting } from "./autograd.ts";
import { gradientsAt } from "./backward.ts";
import { describe } from "../describe.ts";
import { FUNCTION } from "../kinds.ts";

const takes = signature("apply checkpoint", { fn: FUNCTION });

/**
 * Runs `fn` without keeping what lies between its inputs and its output, and runs it again in the backward pass.
 *
 * The second run draws the same random numbers, so dropout drops the same elements. Whatever else `fn` does happens
 * twice: a batch normalisation in it counts each batch two times, as in PyTorch. Tensors that `fn` makes are freed when
 * it ends, except its result. Parameters that it uses need not be among the inputs.
 *
 * @param fn What to run. It must compute the same from the same inputs each time.
 * @param inputs Its inputs. Tensors among them are kept until the backward pass.
 * @returns What `fn` returns.
 *
 * @example Usage
 * ```ts
 * import { checkpoint, nn, openDevice, rand } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const block = new nn.Sequential(new nn.Linear(4, 64), new nn.Tanh(), new nn.Linear(64, 4));
 * const y = checkpoint((x) => block.forward(x), rand([8, 4]));
 * y.sum().backward(); // runs the block a second time
 * assertEquals(block.parameters().map((p) => p.grad?.shape), [[64, 4], [64], [4, 64], [4]]);
 * ```
 */
export function checkpoint<Inputs extends unknown[]>(
  fn: (...inputs: NoInfer<Inputs>) => Tensor,
  ...inputs: Inputs
): Tensor {
  takes([fn]);
  const tape = new StreamTape();
  using inner = new Scope();
  const { result, used } = noting(() => tape.record(() => fn(...inputs)));
  if (!(result instanceof Tensor)) {
    throw new TypeError(`Cannot apply checkpoint as its function must return a tensor: ${describe(result)}`);
  }
  const y = inner.keep(aliasOf(result));
  if (result.requiresGrad && !used.includes(result)) used.push(result); // `fn` may return what it was given
  const tensors = inputs.filter((v) => v instanceof Tensor);
  return differentiable("checkpoint", y, used, {
    saved: tensors,
    gradient: (dy, saved) => {
      const own = new Map<unknown, Tensor>(); // leaves in place of the inputs, whose gradients end there
      tensors.forEach((t, k) => {
        saved[k]!.requiresGrad = used.includes(t);
        own.set(t, saved[k]!);
      });
      const again = enableGrad(() =>
        tape.replay(() => fn(...inputs.map((v) => own.get(v) ?? v) as NoInfer<Inputs>))
      );
      if (!sameShape(again.shape, dy.shape)) {
        throw new Error(
          `Cannot run backward through a checkpoint as its function must give the same shape each time: ` +
            `first ${show(dy.shape)}, then ${show(again.shape)}`,
        );
      }
      using inside = new Scope();
      // What is an input may be used past the arguments too: a gradient arrives at both, and they add up.
      const wanted = [...used.map((t) => own.get(t) ?? t), ...used.filter((t) => own.has(t))];
      const found = gradientsAt(again, aliasOf(dy), wanted, inside, { stop: true }),
        past = found.splice(used.length);
      return found.map((g, k) => {
        const other = own.has(used[k]) ? past.shift() : null;
        const sum = g && other ? sumOfTwo(g, other) : g ?? other;
        return sum ? inside.keep(sum) : null;
      });
    },
  });
}
