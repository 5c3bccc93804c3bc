/**
 * What this machine is, as far as it can be asked.
 *
 * @module
 */
import { type Device, VERSION } from "../../mod.ts";
import type { Machine } from "../machine.ts";
import { hasAdapter } from "../setup.ts";
import type { AdapterFacts, Facts } from "./report.ts";

/** Variables by which drivers and Deno choose. */
const VARIABLES = [
  "DENO_WEBGPU_BACKEND",
  "DENO_WEBGPU_ADAPTER_NAME",
  "XDG_RUNTIME_DIR",
  "VK_ICD_FILENAMES",
  "VK_DRIVER_FILES",
  "VK_LOADER_DRIVERS_SELECT",
  "VK_LOADER_DRIVERS_DISABLE",
  "LIBGL_ALWAYS_SOFTWARE",
  "MESA_LOADER_DRIVER_OVERRIDE",
  "LP_NUM_THREADS",
];
/** Limits that the kernels' choices depend on. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;
/** Folders in which Vulkan drivers are registered. */
const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/** Finds out what the system has. Everything is asked of `machine`, so that a test can answer. */
export async function systemFacts(machine: Machine): Promise<Omit<Facts, "adapter">> {
  const isLinux = machine.os === "linux";
  const env = VARIABLES.flatMap((name) => {
    const value = machine.env(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    plunge: VERSION,
    deno: Deno.version.deno,
    os: machine.os,
    arch: Deno.build.arch,
    env: Object.fromEntries(env),
    mesa: isLinux ? await mesaVersion(machine) : null,
    hasLoader: isLinux ? await hasLoader(machine) : null,
    vulkanDrivers: isLinux ? await vulkanDrivers(machine) : null,
    hasCard: isLinux ? await hasCard(machine) : null,
    hasVulkan: isLinux ? await hasAdapter({ ...machine, env: () => undefined }) : null,
  };
}

/** Mesa's version by the package that is installed, such as `22.3.6`. */
async function mesaVersion(machine: Machine): Promise<string | null> {
  const { output } = await machine.run(["sh", "-c", MESA_QUERY]);
  return /(\d+\.\d+(\.\d+)?)/.exec(output)?.[1] ?? null;
}

const MESA_QUERY = "dpkg-query -W -f '${Version}' mesa-vulkan-drivers 2>/dev/null || " +
  "rpm -q --qf '%{VERSION}' mesa-vulkan-drivers 2>/dev/null || " +
  "pacman -Q vulkan-swrast 2>/dev/null || vulkaninfo --summary 2>/dev/null | grep -o 'Mesa [0-9.]*'";

/** Whether the dynamic linker finds Vulkan's loader. */
async function hasLoader(machine: Machine): Promise<boolean> {
  const { output } = await machine.run(["sh", "-c", "ldconfig -p 2>/dev/null || /sbin/ldconfig -p"]);
  if (output.includes("libvulkan.so.1")) return true;
  const folders = [
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
  ];
  return (await Promise.all(folders.map((folder) => machine.exists(`${folder}/libvulkan.so.1`)))).includes(
    true,
  );
}

/** The names of the drivers that are registered with the loader. */
async function vulkanDrivers(machine: Machine): Promise<string[]> {
  const { output } = await machine.run(["sh", "-c", `ls ${DRIVER_FOLDERS.join(" ")} 2>/dev/null`]);
  return [...output.matchAll(/^(.+)\.json$/gm)].map(([, name]) => name).sort();
}

/** Whether the kernel has a device for a graphics card. */
async function hasCard(machine: Machine): Promise<boolean> {
  const files = ["/dev/dri/renderD128", "/dev/nvidia0", "/dev/dxg", "/dev/kfd"];
  return (await Promise.all(files.map((file) => machine.exists(file)))).includes(true);
}

/** What the adapter says, and what it takes without saying so. */
export async function adapterFacts(device: Device): Promise<AdapterFacts | null> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: device.powerPreference });
  if (!adapter) return null;
  const { vendor, architecture, device: model } = adapter.info;
  return {
    name: device.name,
    vendor,
    architecture,
    device: model,
    isSoftware: device.isSoftware,
    kernels: device.kernels,
    features: [...adapter.features].sort(),
    float64: await takesFloat64(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  };
}

/** Whether a device with float64 in its shaders is given out: Deno takes wgpu's feature without listing it. */
export async function takesFloat64(): Promise<boolean> {
  const adapter = await navigator.gpu.requestAdapter();
  try {
    const gpu = await adapter!.requestDevice({ requiredFeatures: [FLOAT64] });
    gpu.destroy();
    return true;
  } catch {
    return false;
  }
}

/** The feature, which is wgpu's own. */
export const FLOAT64 = "wgpu-shader-f64" as GPUFeatureName;
