/**
 * As much of Vulkan as it takes to compile a kernel and to ask the driver what came out: `VK_KHR_pipeline_executable_properties`.
 *
 * Names and numbers are those of Vulkan's specification; a struct begins with its type and a pointer to the next one.
 *
 * @module
 */
import { addressOf, array, cText, type Member, struct, textAt } from "./structs.ts";

const P = "pointer", U32 = "u32", U64 = "u64", I32 = "i32";
const SYMBOLS = {
  vkCreateInstance: { parameters: ["buffer", P, "buffer"], result: I32 },
  vkEnumeratePhysicalDevices: { parameters: [P, "buffer", "buffer"], result: I32 },
  vkGetPhysicalDeviceFeatures2: { parameters: [P, "buffer"], result: "void" },
  vkCreateDevice: { parameters: [P, "buffer", P, "buffer"], result: I32 },
  vkGetDeviceProcAddr: { parameters: [P, "buffer"], result: P },
  vkCreateDescriptorSetLayout: { parameters: [P, "buffer", P, "buffer"], result: I32 },
  vkCreatePipelineLayout: { parameters: [P, "buffer", P, "buffer"], result: I32 },
  vkCreateShaderModule: { parameters: [P, "buffer", P, "buffer"], result: I32 },
  vkCreateComputePipelines: { parameters: [P, U64, U32, "buffer", P, "buffer"], result: I32 },
} as const;
const ASK = { parameters: [P, "buffer", "buffer", "buffer"], result: I32 } as const;

/** `VkStructureType`. */
const TYPE = {
  application: 0,
  instance: 1,
  queue: 2,
  device: 3,
  shaderModule: 16,
  stage: 18,
  computePipeline: 29,
  pipelineLayout: 30,
  setLayout: 32,
  features11: 49,
  features12: 51,
  features: 1000059000,
  executableFeatures: 1000269000,
  executable: 1000269003,
  statistic: 1000269004,
  representation: 1000269005,
} as const;

/** `VkDescriptorType` by the letter of a binding: a storage buffer, or a uniform buffer with an offset of its own. */
const DESCRIPTORS = { s: 7, u: 6, d: 8 } as const;
const COMPUTE = 0x20, CAPTURE = 0x40 | 0x80;
/** Bytes of a name or a description, where the first of them begins in what Vulkan tells, and where both have ended. */
const TEXT = 256, NAME = 16, BEHIND = NAME + 2 * TEXT;
/** Bytes of a `VkPipelineExecutableStatisticKHR`, and of a `VkPipelineExecutableInternalRepresentationKHR`. */
const STATISTIC = BEHIND + 16, REPRESENTATION = BEHIND + 24;

/** What a binding is: storage, uniform, or uniform with a dynamic offset. */
export type BindingLetter = keyof typeof DESCRIPTORS;

/** What the driver made of a kernel. */
export interface Compiled {
  /** Its figures by the driver's names. */
  readonly statistics: Readonly<Record<string, number>>;
  /** The instructions as text. */
  readonly assembly: string;
}

/** A device, perhaps one that is not there, whose driver compiles. */
export interface Compiler {
  /** Compiles a kernel whose entry point is `main`. */
  compile(spirv: Uint8Array, bindings: readonly BindingLetter[]): Compiled;
}

/** A struct of Vulkan's: its type, what comes next, and its members. */
function made(type: number, next: Uint8Array | null, ...members: Member[]): Uint8Array<ArrayBuffer> {
  return struct({ u32: type }, { pointer: next }, ...members);
}

function check(name: string, result: number): void {
  if (result !== 0) throw new Error(`Cannot compile as ${name} must succeed: VkResult ${result}`);
}

type Library = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
type Handle = Deno.PointerValue;

/** What a function of Vulkan's writes: a handle. */
function handle(name: string, make: (out: Uint8Array<ArrayBuffer>) => number): bigint {
  const out = new Uint8Array(8);
  check(name, make(out));
  return new DataView(out.buffer).getBigUint64(0, true);
}

/** The first device, with all features that it has. */
function openDevice(vk: Library): Handle {
  const application = made(TYPE.application, null, ...words(0), { pointer: null }, ...words(0, 0), {
    u32: (1 << 22) | (2 << 12), // 1.2
  });
  const none = [{ u32: 0 }, { pointer: null }] as const;
  const instance = Deno.UnsafePointer.create(handle("vkCreateInstance", (out) =>
    vk.vkCreateInstance(
      made(TYPE.instance, null, { u32: 0 }, { pointer: application }, ...none, ...none),
      null,
      out,
    )));
  const count = new Uint8Array(Uint32Array.of(1).buffer), devices = new Uint8Array(8);
  vk.vkEnumeratePhysicalDevices(instance, count, devices);
  if (count[0] === 0) throw new Error("Cannot compile as the driver must show a device: there is none");
  const physical = Deno.UnsafePointer.create(new DataView(devices.buffer).getBigUint64(0, true));
  const features12 = made(TYPE.features12, null, ...words(...new Array(47).fill(0)));
  const features11 = made(TYPE.features11, features12, ...words(...new Array(12).fill(0)));
  const features = made(TYPE.features, features11, ...words(...new Array(55).fill(0)));
  vk.vkGetPhysicalDeviceFeatures2(physical, features);
  const asked = made(TYPE.executableFeatures, features, { u32: 1 });
  const priority = new Uint8Array(Float32Array.of(1).buffer);
  const queue = made(TYPE.queue, null, ...words(0, 0, 1), { pointer: priority });
  const extension = struct({ pointer: cText("VK_KHR_pipeline_executable_properties") });
  return Deno.UnsafePointer.create(handle("vkCreateDevice", (out) =>
    vk.vkCreateDevice(
      physical,
      made(TYPE.device, asked, ...words(0, 1), { pointer: queue }, ...none, { u32: 1 }, {
        pointer: extension,
      }, {
        pointer: null,
      }),
      null,
      out,
    )));
}

function words(...values: number[]): Member[] {
  return values.map((u32) => ({ u32 }));
}

/** Loads Vulkan and opens the device that the environment names. */
export function openCompiler(): Compiler {
  const { symbols: vk } = Deno.dlopen("libvulkan.so.1", SYMBOLS), device = openDevice(vk);
  const asking = (name: string) =>
    new Deno.UnsafeFnPointer(
      vk.vkGetDeviceProcAddr(device, cText(name)) as Deno.PointerObject<typeof ASK>,
      ASK,
    );
  const statistics = asking("vkGetPipelineExecutableStatisticsKHR");
  const representations = asking("vkGetPipelineExecutableInternalRepresentationsKHR");
  return {
    compile: (spirv, bindings) => {
      const which = made(TYPE.executable, null, { u64: pipelineOf(vk, device, spirv, bindings) }, { u32: 0 });
      return {
        statistics: statisticsOf(listed(statistics, device, which, TYPE.statistic, STATISTIC)),
        assembly: lastText(representations, device, which),
      };
    },
  };
}

function pipelineOf(
  vk: Library,
  device: Handle,
  spirv: Uint8Array,
  bindings: readonly BindingLetter[],
): bigint {
  const entries = array(
    bindings.map((letter, i) => struct(...words(i, DESCRIPTORS[letter], 1, COMPUTE), { pointer: null })),
  );
  const set = handle("vkCreateDescriptorSetLayout", (out) =>
    vk.vkCreateDescriptorSetLayout(
      device,
      made(TYPE.setLayout, null, ...words(0, bindings.length), { pointer: entries }),
      null,
      out,
    ));
  const layout = handle("vkCreatePipelineLayout", (out) =>
    vk.vkCreatePipelineLayout(
      device,
      made(TYPE.pipelineLayout, null, ...words(0, 1), { pointer: struct({ u64: set }) }, { u32: 0 }, {
        pointer: null,
      }),
      null,
      out,
    ));
  const module = handle("vkCreateShaderModule", (out) =>
    vk.vkCreateShaderModule(
      device,
      made(TYPE.shaderModule, null, { u32: 0 }, { u64: BigInt(spirv.length) }, { pointer: spirv }),
      null,
      out,
    ));
  const stage = made(TYPE.stage, null, ...words(0, COMPUTE), { u64: module }, { pointer: cText("main") }, {
    pointer: null,
  });
  return handle("vkCreateComputePipelines", (out) =>
    vk.vkCreateComputePipelines(
      device,
      0n,
      1,
      made(TYPE.computePipeline, null, { u32: CAPTURE }, { bytes: stage }, { u64: layout }, { u64: 0n }, {
        u32: 0,
      }),
      null,
      out,
    ));
}

type Asking = Deno.UnsafeFnPointer<typeof ASK>;

/** Asks how many structs there are, and then for them. */
function listed(
  ask: Asking,
  device: Handle,
  which: Uint8Array<ArrayBuffer>,
  type: number,
  size: number,
): Uint8Array[] {
  const count = new Uint8Array(4);
  check("a count", ask.call(device, which, count, null));
  const n = new DataView(count.buffer).getUint32(0, true), items = new Uint8Array(n * size);
  for (let i = 0; i < n; i++) new DataView(items.buffer).setUint32(i * size, type, true);
  check("a list", ask.call(device, which, count, items));
  return Array.from({ length: n }, (_, i) => items.subarray(i * size, (i + 1) * size));
}

/** The figures; Vulkan tells of each whether it is whole or a fraction. */
function statisticsOf(items: readonly Uint8Array[]): Record<string, number> {
  const entries = items.map((item) => {
    const view = new DataView(item.buffer, item.byteOffset), isFraction = view.getUint32(BEHIND, true) === 3;
    const value = isFraction ? view.getFloat64(BEHIND + 8, true) : Number(view.getBigInt64(BEHIND + 8, true));
    return [textAt(item, NAME), value];
  });
  return Object.fromEntries(entries);
}

/** The last of the texts that a kernel becomes on its way, which is the instructions. Each is asked for once there is room for it. */
function lastText(ask: Asking, device: Handle, which: Uint8Array<ArrayBuffer>): string {
  const items = array(listed(ask, device, which, TYPE.representation, REPRESENTATION));
  const view = new DataView(items.buffer), count = items.length / REPRESENTATION;
  const texts = Array.from({ length: count }, (_, i) => {
    const at = i * REPRESENTATION + BEHIND + 8; // behind the text's kind
    const text = new Uint8Array(Number(view.getBigUint64(at, true)) + 1);
    view.setBigUint64(at + 8, addressOf(text), true);
    return text;
  });
  check("the assembly", ask.call(device, which, new Uint8Array(Uint32Array.of(count).buffer), items));
  return count === 0 ? "" : textAt(texts[count - 1], 0);
}
