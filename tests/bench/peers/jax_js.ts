// Contender: jax-js on its WebGPU backend. The whole step (loss, gradients, update) is one jit function.
//
// jax-js counts references: a use of an array gives it up, `.ref` keeps it.
import { CLASSES, IMAGE, type Layer, parametersOf, type SimpleLayer, simpleLayers } from "../networks.ts";
import { given, serve } from "./protocol.ts";

// deno-lint-ignore no-explicit-any
type Any = any; // the package is known only at run time, so its types are not

const { job, parameters, x, y } = await given();
const { network, lr, packages } = job;
const jax: Any = await import(packages["jax-js"]);
const { lax, nn, numpy: np, tree } = jax;
if (!(await jax.init("webgpu")).includes("webgpu")) throw new Error("jax-js finds no WebGPU adapter");
jax.defaultDevice("webgpu");

/** Batch norm's running means and variances, in the order of its layers. */
type State = Any[];

/** The parameters in PyTorch's order and layout, but for the weights of linear layers, which are `[in, out]`. */
function initialParameters(): Any[] {
  let at = 0;
  return parametersOf(network.layers).map(({ shape }) => {
    const array = np.array(parameters.slice(at, at += shape.reduce((a, b) => a * b, 1))).reshape(shape);
    return shape.length === 2 ? array.transpose() : array;
  });
}

function initialState(): State {
  return simpleLayers(network.layers).flatMap((layer) =>
    layer.kind === "batchNorm" ? [np.zeros([layer.channels]), np.ones([layer.channels])] : []
  );
}

/** Passes x through layers, taking parameters from the front of `params` and state from the front of `state`. */
function forward(layers: readonly Layer[], params: Any[], state: State, newState: State, x: Any): Any {
  for (const layer of layers) {
    if (layer.kind === "residual") {
      const main = forward(layer.main, params, state, newState, x.ref);
      x = nn.relu(main.add(forward(layer.shortcut, params, state, newState, x)));
    } else x = apply(layer, params, state, newState, x);
  }
  return x;
}

function apply(layer: SimpleLayer, params: Any[], state: State, newState: State, x: Any): Any {
  switch (layer.kind) {
    case "conv": {
      const around = [layer.padding, layer.padding];
      const y = lax.conv(x, params.shift(), [layer.stride, layer.stride], [around, around]);
      return layer.bias ? y.add(params.shift().reshape([layer.out, 1, 1])) : y;
    }
    case "linear":
      return np.dot(x, params.shift()).add(params.shift());
    case "batchNorm":
      return batchNorm(x, params.shift(), params.shift(), state, newState);
    case "sigmoid":
      return nn.sigmoid(x);
    case "relu":
      return nn.relu(x);
    case "leakyRelu":
      return nn.leakyRelu(x, 0.01);
    case "flatten":
      return x.reshape([network.batch, -1]);
    case "globalAvgPool":
      return np.mean(x, [2, 3]);
    case "avgPool":
    case "maxPool": {
      const window = [layer.size, layer.size];
      return lax.reduceWindow(x, layer.kind === "avgPool" ? np.mean : np.max, window, window);
    }
  }
}

function batchNorm(x: Any, weight: Any, bias: Any, state: State, newState: State): Any {
  const [n, c, h, w] = x.shape, axes = [0, 2, 3], count = n * h * w;
  const mean = np.mean(x.ref, axes, { keepdims: true });
  const centered = x.sub(mean.ref);
  const variance = np.mean(np.square(centered.ref), axes, { keepdims: true });
  const runningMean = state.shift(), runningVar = state.shift(), unbiased = count / (count - 1);
  newState.push(
    runningMean.mul(0.9).add(lax.stopGradient(mean).reshape([c]).mul(0.1)),
    runningVar.mul(0.9).add(lax.stopGradient(variance.ref).reshape([c]).mul(0.1 * unbiased)),
  );
  const scale = np.reciprocal(np.sqrt(variance.add(1e-5))).mul(weight.reshape([c, 1, 1]));
  return centered.mul(scale).add(bias.reshape([c, 1, 1]));
}

function loss(params: Any[], state: State, x: Any, labels: Any): [Any, State] {
  const newState: State = [];
  const logits = forward(network.layers, [...params], [...state], newState, x);
  const cost = nn.logSoftmax(logits).mul(labels).sum().mul(-1 / network.batch);
  return [cost, newState];
}

const train = jax.jit((params: Any[], state: State, x: Any, labels: Any) => {
  const [[cost, newState], gradients] = jax.valueAndGrad(loss, { hasAux: true })(
    tree.ref(params),
    state,
    x,
    labels,
  );
  return [params.map((p, i) => p.sub(gradients[i].mul(lr))), newState, cost];
});

const images = np.array(x).reshape([network.batch, 1, IMAGE, IMAGE]);
const labels = nn.oneHot(np.array(y, { dtype: np.int32 }), CLASSES);
let params = initialParameters(), state = initialState(), cost: Any = null;
await jax.blockUntilReady([params, state, images, labels]);

await serve(job, {
  version: packages["jax-js"].split("@").at(-1)!,
  adapter: jax.getWebGPUDevice().adapterInfo.description,
  step() {
    cost?.dispose();
    [params, state, cost] = train(params, state, images.ref, labels.ref);
  },
  wait: () => jax.blockUntilReady(params),
  loss: () => cost.ref.jsAsync(),
});
