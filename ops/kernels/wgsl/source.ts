/**
 * Assembles WGSL modules: bindings, uniform struct, entry point. Every family writes its kernels through it.
 *
 * @module
 */
import type { Dispatch, Kernel } from "../../gpu/kernel.ts";
import type { Storage } from "../../gpu/storage.ts";

/** A storage or uniform binding of a kernel, declared in the order in which storages are bound. */
export interface BindingDecl {
  readonly name: string;
  /** Element type as WGSL has it (`f32`, `vec4<f32>`, `u32`, …); for `uniform` the whole type. */
  readonly type: string;
  readonly access: "read" | "read_write" | "uniform";
}

/** A number that is passed at each dispatch, read in the text as `u.name`. */
export interface NumberDecl {
  readonly name: string;
  readonly type: "u32" | "i32" | "f32";
}

/** The parts of a kernel. */
export interface KernelParts {
  readonly name: string;
  readonly bindings: readonly BindingDecl[];
  readonly numberDecls: readonly NumberDecl[];
  /** Module-scope declarations: functions, constants, workgroup variables. */
  readonly declarations?: string;
  readonly workgroupSize: number;
  /**
   * Statements of `main`. In scope: `id`, the invocation's index over the whole dispatch; `group`, the
   * workgroup's index; `local`, the invocation's index in its workgroup; `nwg`, the grid of workgroups. The last may be ragged
   * and the grid may have a ragged last row, so `id` can lie beyond the work: the body guards its stores.
   */
  readonly body: string;
}

/** Of which parts a kernel was put together. */
const partsByKernel = new WeakMap<Kernel, KernelParts>();

/** The parts of a kernel, if it was put together here. */
export function partsOf(kernel: Kernel): KernelParts | undefined {
  return partsByKernel.get(kernel);
}

/** Puts a kernel's text together. */
export function kernel(parts: KernelParts): Kernel {
  const lines: string[] = [];
  if (parts.numberDecls.length > 0) {
    const fields = parts.numberDecls.map((f) => `${f.name}: ${f.type}`).join(", ");
    lines.push(`struct Uniforms { ${fields} }`);
  }
  parts.bindings.forEach((b, i) => {
    const space = b.access === "uniform" ? "uniform" : `storage, ${b.access}`;
    const type = b.access === "uniform" ? b.type : `array<${b.type}>`;
    lines.push(`@group(0) @binding(${i}) var<${space}> ${b.name}: ${type};`);
  });
  if (parts.numberDecls.length > 0) {
    lines.push(`@group(0) @binding(${parts.bindings.length}) var<uniform> u: Uniforms;`);
  }
  if (parts.declarations) lines.push(parts.declarations);
  lines.push(`@compute @workgroup_size(${parts.workgroupSize})
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) nwg: vec3u, @builtin(local_invocation_index) local: u32) {
  let group = wid.y * nwg.x + wid.x;
  let id = group * ${parts.workgroupSize}u + local;
${parts.body}
}`);
  const made: Kernel = {
    name: parts.name,
    wgsl: lines.join("\n"),
    bindings: parts.bindings.map((b) => b.access),
    numberBytes: numberBytes(parts.numberDecls),
  };
  partsByKernel.set(made, parts);
  return made;
}

/** A number of a dispatch, or where to ask for it each time the work is run. */
export type DispatchNumber = number | (() => number);

/** Size of a uniform struct of so many numbers. */
function numberBytes(decls: readonly NumberDecl[]): number {
  return Math.ceil(decls.length / 4) * 16;
}

/** Packs the numbers of a dispatch into its uniform struct, in the order of their declarations. */
export function packNumbers(decls: readonly NumberDecl[], numbers: readonly DispatchNumber[]): Uint8Array {
  const bytes = new Uint8Array(numberBytes(decls));
  const view = new DataView(bytes.buffer);
  decls.forEach((d, i) => {
    const given = numbers[i]!, value = typeof given === "number" ? given : given();
    if (d.type === "f32") view.setFloat32(4 * i, value, true);
    else if (d.type === "i32") view.setInt32(4 * i, value, true);
    else view.setUint32(4 * i, value, true);
  });
  return bytes;
}

/** Makes a dispatch of `parts` over `threads` invocations. */
export function dispatch(
  parts: KernelParts,
  bind: readonly Storage[],
  numbers: readonly DispatchNumber[],
  threads: number,
  flops?: number,
): Dispatch {
  const pack = () => packNumbers(parts.numberDecls, numbers);
  const changes = numbers.some((v) => typeof v === "function");
  return {
    kernel: kernel(parts),
    bind,
    numbers: parts.numberDecls.length === 0 ? null : changes ? pack : pack(),
    workgroups: Math.ceil(threads / parts.workgroupSize),
    flops,
  };
}
