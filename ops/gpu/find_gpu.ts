/**
 * Finding an adapter and asking it for a device, in any runtime that has WebGPU.
 *
 * @module
 */
import { isOnCpu, silenceMesa, wantedLimits } from "./adapter.ts";

/** Which GPU is asked for; all may be left out. */
export interface WantedGpu {
  readonly powerPreference?: GPUPowerPreference;
  readonly adapter?: GPUAdapter;
  readonly device?: GPUDevice;
}

/** A device of WebGPU's, and what its adapter is. */
export interface FoundGpu {
  readonly gpu: GPUDevice;
  /** The adapter's own description. */
  readonly name: string;
  /** Whether it computes on the CPU. */
  readonly isSoftware: boolean;
}

/**
 * Takes the device that is given, or asks one of the adapter that is given, or of one that it finds.
 *
 * @throws {Error} If there is no WebGPU or no adapter, or the adapter gives no device.
 */
export async function findGpu({ powerPreference, adapter, device }: WantedGpu): Promise<FoundGpu> {
  if (device) return { gpu: device, ...described(device.adapterInfo) };
  const restore = silenceMesa();
  try {
    const found = adapter ?? await findAdapter(powerPreference);
    return { gpu: await requestDevice(found), ...described(found.info) };
  } finally {
    restore();
  }
}

/** What an adapter calls itself, and whether it computes on the CPU. */
function described(info: GPUAdapterInfo): { name: string; isSoftware: boolean } {
  const { description, vendor, architecture, isFallbackAdapter } = info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "unknown GPU";
  return { name, isSoftware: isFallbackAdapter || isOnCpu(name) };
}

async function findAdapter(powerPreference?: GPUPowerPreference): Promise<GPUAdapter> {
  // not every runtime has a navigator: Node 20 has none
  const gpu = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (!gpu) {
    throw new Error(
      `Cannot open a device as the runtime must have WebGPU: navigator.gpu is missing${advice()}`,
    );
  }
  const adapter = await gpu.requestAdapter(powerPreference ? { powerPreference } : {});
  if (adapter) return adapter;
  throw new Error(
    `Cannot open a device as a WebGPU adapter must be there: none was found. ${
      isPage() ? PAGE_ADVICE : DRIVER_ADVICE
    }`,
  );
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice({
      requiredFeatures: (["timestamp-query"] as GPUFeatureName[]).filter((f) => adapter.features.has(f)),
      requiredLimits: wantedLimits(adapter.limits),
    });
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot open a device as its adapter must give one: ${found}`, { cause });
  }
}

const DRIVER_ADVICE =
  "On Debian or Ubuntu install mesa-vulkan-drivers and libvulkan1 (`deno task setup` does), " +
  "elsewhere a Vulkan, Metal or Direct3D 12 driver";
const PAGE_ADVICE =
  "Let the browser use the graphics card (hardware acceleration in its settings) and restart it";

/** What to do where WebGPU is missing: a page must be secure and its browser new, Node takes a package. */
function advice(): string {
  if (isPage()) {
    const { isSecureContext } = globalThis as { isSecureContext?: boolean };
    return isSecureContext === false
      ? ". A browser gives it to pages of https: and of localhost alone"
      : ". Chrome and Edge have it from 113 on, Safari from 26, Firefox from 141 on Windows and from 145 on macOS";
  }
  const { Deno, process } = globalThis as { Deno?: unknown; process?: { versions?: { node?: string } } };
  if (Deno || !process?.versions?.node) return "";
  return ". In Node, `npm install webgpu` and give openDevice({ adapter }) an adapter of that package";
}

/** Whether this is a page, or a worker of one. */
function isPage(): boolean {
  const { document, WorkerGlobalScope, Deno } = globalThis as Record<string, unknown>;
  return Deno === undefined && (document !== undefined || WorkerGlobalScope !== undefined);
}

/** The Deno from which on its WebGPU has all that is used here; docs and README say so too. */
export const LEAST_DENO = [2, 7] as const;

/** Refuses a Deno whose WebGPU lacks what would fail in words of its own. */
export function refuseOldDeno(): void {
  const { version } = (globalThis as { Deno?: { version?: { deno?: unknown } } }).Deno ?? {};
  const [major = NaN, minor = NaN] = String(version?.deno ?? Infinity).split(".").map(Number);
  if (major > LEAST_DENO[0] || (major === LEAST_DENO[0] && minor >= LEAST_DENO[1])) return;
  throw new Error(
    `Cannot open a device as Deno must be of version ${
      LEAST_DENO.join(".")
    } or newer: it is ${version?.deno}, ` +
      "`deno upgrade` brings the newest",
  );
}
