// Contender: TensorFlow.js on its WebGPU backend, in its own layout: images `[n, h, w, c]`, kernels `[h, w, in, out]`.
import { CLASSES, IMAGE, type Layer, type SimpleLayer, simpleLayers } from "../networks.ts";
import { given, serve } from "./protocol.ts";

// deno-lint-ignore no-explicit-any
type Any = any; // the package is known only at run time, so its types are not

const { job, parameters, x, y } = await given();
const { network, lr, packages } = job;
Object.assign(globalThis, { window: globalThis }); // it looks for WebGPU in browsers only
const tf: Any = (await import(packages["tfjs"])).default;
await import(packages["tfjs-webgpu"]);
if (!await tf.setBackend("webgpu")) throw new Error("tfjs finds no WebGPU adapter");

/** The parameters in PyTorch's order, in tfjs's layout. */
function makeVariables(): Any[] {
  let at = 0, channels = 1;
  const take = (...shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(parameters.slice(at, at += size), shape);
  };
  return simpleLayers(network.layers).flatMap((layer): Any[] => {
    if (layer.kind === "batchNorm") return [take(channels), take(channels)];
    if (layer.kind === "conv") {
      channels = layer.out;
      const weight = take(layer.out, layer.in, layer.kernel, layer.kernel).transpose([2, 3, 1, 0]);
      return layer.bias ? [weight, take(layer.out)] : [weight];
    }
    if (layer.kind === "linear") {
      // A flattened image has its channels first in PyTorch, last here
      const weight = take(layer.out, channels, layer.in / channels).transpose([2, 1, 0]);
      channels = layer.out;
      return [weight.reshape([layer.in, layer.out]), take(layer.out)];
    }
    return [];
  });
}

/** Batch norm's running means and variances, in the order of its layers. */
function makeStatistics(): Any[] {
  return simpleLayers(network.layers).flatMap((layer) =>
    layer.kind === "batchNorm" ? [tf.zeros([layer.channels]), tf.ones([layer.channels])] : []
  );
}

/** Passes x through layers, taking what they need from the front of the lists. */
function forward(layers: readonly Layer[], params: Any[], statistics: Any[], x: Any): Any {
  for (const layer of layers) {
    if (layer.kind === "residual") {
      const main = forward(layer.main, params, statistics, x);
      x = tf.relu(main.add(forward(layer.shortcut, params, statistics, x)));
    } else x = apply(layer, params, statistics, x);
  }
  return x;
}

function apply(layer: SimpleLayer, params: Any[], statistics: Any[], x: Any): Any {
  switch (layer.kind) {
    case "conv": {
      const [filter, bias] = params.splice(0, layer.bias ? 2 : 1);
      return tf.fused.conv2d({ x, filter, strides: layer.stride, pad: layer.padding, bias });
    }
    case "linear": {
      const [b, bias] = params.splice(0, 2);
      return tf.fused.matMul({ a: x, b, bias });
    }
    case "batchNorm":
      return batchNorm(x, params.splice(0, 2), statistics.splice(0, 2));
    case "sigmoid":
      return tf.sigmoid(x);
    case "relu":
      return tf.relu(x);
    case "leakyRelu":
      return tf.leakyRelu(x, 0.01);
    case "flatten":
      return x.reshape([network.batch, -1]);
    case "globalAvgPool":
      return tf.mean(x, [1, 2]);
    case "avgPool":
      return tf.avgPool(x, layer.size, layer.size, "valid");
    case "maxPool":
      return tf.maxPool(x, layer.size, layer.size, "valid");
  }
}

function batchNorm(x: Any, [scale, offset]: Any[], [runningMean, runningVar]: Any[]): Any {
  const { mean, variance } = tf.moments(x, [0, 1, 2]), count = x.size / mean.size;
  runningMean.assign(runningMean.mul(0.9).add(mean.mul(0.1)));
  runningVar.assign(runningVar.mul(0.9).add(variance.mul(0.1 * count / (count - 1))));
  return tf.batchNorm(x, mean, variance, offset, scale, 1e-5);
}

const variables: Any[] = tf.tidy(() => makeVariables().map((t) => tf.variable(t)));
const statistics: Any[] = tf.tidy(() => makeStatistics().map((t) => tf.variable(t, false)));
const images = tf.tensor(x, [network.batch, IMAGE, IMAGE, 1]);
const labels = tf.tidy(() => tf.oneHot(tf.tensor1d(y, "int32"), CLASSES));
const optimizer = tf.train.sgd(lr);

function loss(): Any {
  const logits = forward(network.layers, [...variables], [...statistics], images);
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

let last: Any = null;

await serve(job, {
  version: packages["tfjs"].split("@").at(-1)!,
  adapter: (await navigator.gpu.requestAdapter())!.info.description,
  step() {
    last?.dispose();
    last = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      optimizer.applyGradients(grads);
      return value;
    });
  },
  wait() {
    const backend = tf.backend();
    backend.endComputePassEncoder();
    if (backend.commandEncoder) backend.submitQueue(); // it fails where nothing is waiting
    return backend.queue.onSubmittedWorkDone();
  },
  loss: async () => (await last.data())[0],
});
