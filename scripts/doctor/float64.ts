/**
 * The library's own kernels in float64, on adapters that take it: while {@linkcode inFloat64} runs, a device keeps float32
 * numbers as float64, in buffers of twice the size, and `f32` in each kernel's text is `f64`.
 *
 * WGSL has no float64 and wgpu's has no functions of mathematics for it, so those of `ops/kernels/wgsl/math.ts` are
 * exchanged for series (`float64_math.ts`). Whole numbers stay as they are, in the first half of their buffers.
 *
 * @module
 */
import { type Device, type DeviceOptions, openDevice, type Tensor } from "../../mod.ts";
import { storageOf } from "../../ops/core/tensor/internals.ts";
import { FLOAT64 } from "./facts.ts";
import { math64, withoutMath } from "./float64_math.ts";

/** A float literal, whose type would be f32 where nothing says otherwise. */
const LITERAL = /(?<![\w.])(?:\d+\.\d*(?:e[+-]?\d+)?|\d+e[+-]?\d+)(?![\w.])/g;
/** What takes float32's last bit off a number: a shift that any number near it serves as well. */
const ROUNDED = /bitcast<f32>\(bitcast<u32>\((.*)\) & 0xfffffffeu\)/g;
/** The sign of one number on another, bit by bit. */
const SIGNED =
  /bitcast<f32>\(\(bitcast<u32>\((\w+)\) & 0x7fffffffu\) \| \(bitcast<u32>\((\w+)\) & 0x80000000u\)\)/g;

/** A kernel's text in float64: all but its numbers, which the library packs as float32, and tables of float32's bits. */
export function toFloat64(wgsl: string): string {
  const [, fields = ""] = /^struct Uniforms \{(.*)\}$/m.exec(wgsl) ?? [];
  const floats = new Set([...fields.matchAll(/(\w+): f32/g)].map(([, name]) => name));
  const lines = withoutMath(wgsl).split("\n").map((line) => {
    if (line.startsWith("struct Uniforms")) return line;
    return line.replaceAll(ROUNDED, "($1)")
      .replaceAll(SIGNED, "select(abs($1), -abs($1), $2 < 0.0)")
      .replaceAll(/(?<!bitcast<)\bf32\b/g, "f64")
      .replaceAll(LITERAL, "$&lf")
      .replaceAll(/bitcast<f32>\(\w+\[[^\]]*\]\)/g, (bits) => `f64(${bits})`)
      .replaceAll(/\bu\.(\w+)/g, (all, name) => floats.has(name) ? `f64(${all})` : all);
  });
  return lines.join("\n") + math64(lines.join("\n"));
}

/** Whether a buffer of this usage holds tensors' elements. */
const isData = (usage: number) => (usage & (GPUBufferUsage.STORAGE | GPUBufferUsage.MAP_READ)) !== 0;

// deno-lint-ignore no-explicit-any
type Any = any;
type Method = (...args: Any[]) => Any;

/** Methods of WebGPU that a device in float64 has otherwise, by the object whose they are. */
type Methods = [owner: Any, name: string, replace: (original: Method) => Method][];

const METHODS: Methods = [
  [
    GPUAdapter.prototype,
    "requestDevice",
    (original) =>
      function (this: GPUAdapter, descriptor: GPUDeviceDescriptor) {
        const requiredFeatures = [...descriptor.requiredFeatures ?? [], FLOAT64];
        return original.call(this, { ...descriptor, requiredFeatures });
      },
  ],
  [
    GPUDevice.prototype,
    "createShaderModule",
    (original) =>
      function (this: GPUDevice, descriptor: GPUShaderModuleDescriptor) {
        return original.call(this, { ...descriptor, code: toFloat64(descriptor.code) });
      },
  ],
  [
    GPUDevice.prototype,
    "createBuffer",
    (original) =>
      function (this: GPUDevice, descriptor: GPUBufferDescriptor) {
        if (!isData(descriptor.usage)) return original.call(this, descriptor);
        const buffer = original.call(this, { ...descriptor, size: 2 * descriptor.size });
        return Object.defineProperty(buffer, "size", { value: descriptor.size }); // what the pool is to know
      },
  ],
  [
    GPUQueue.prototype,
    "writeBuffer",
    (original) =>
      function (this: GPUQueue, buffer: GPUBuffer, at: number, data: ArrayBufferView) {
        if (!(data instanceof Float32Array)) return original.call(this, buffer, at, data);
        return original.call(this, buffer, 2 * at, Float64Array.from(data));
      },
  ],
  [
    GPUCommandEncoder.prototype,
    "copyBufferToBuffer",
    (original) =>
      function (
        this: GPUCommandEncoder,
        ...[from, at, to, place, size]: [GPUBuffer, number, GPUBuffer, number, number]
      ) {
        const factor = isData(from.usage) ? 2 : 1;
        return original.call(this, from, factor * at, to, factor * place, factor * size);
      },
  ],
];

/** Opens a device in float64, does something with it, and closes it; no other device may be open. */
export async function inFloat64<T>(
  options: DeviceOptions,
  action: (device: Device) => Promise<T>,
): Promise<T> {
  const originals = METHODS.map(([owner, name]) => owner[name]);
  METHODS.forEach(([owner, name, replace], k) => owner[name] = replace(originals[k]));
  try {
    const device = await openDevice(options);
    try {
      return await action(device);
    } finally {
      device.close();
    }
  } finally {
    METHODS.forEach(([owner, name], k) => owner[name] = originals[k]);
  }
}

/** Reads a tensor of a device in float64, as it is now: its memory may be another's soon. */
export async function readFloat64(t: Tensor): Promise<ArrayLike<number>> {
  const usual = t.data(); // which throws what went wrong on the way, and is right for whole numbers
  if (t.dtype !== "float32" || t.size === 0) return await usual;
  const { device, buffer } = storageOf(t), size = 4 * t.size; // of which a device in float64 makes twice as much
  device.queue.flush();
  const staging = device.gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.gpu.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.gpu.queue.submit([encoder.finish()]);
  try {
    await usual;
    await staging.mapAsync(GPUMapMode.READ);
    return new Float64Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}

/** Writes a tensor of a device in float64. */
export function writeFloat64(t: Tensor, numbers: Float64Array<ArrayBuffer>): void {
  const { device, buffer } = storageOf(t);
  device.queue.flush(); // what was recorded comes before
  if (numbers.length > 0) device.gpu.queue.writeBuffer(buffer, 0, numbers);
}
