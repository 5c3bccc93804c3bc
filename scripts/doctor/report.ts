/**
 * What the doctor finds, as data: `--json` writes it as it is.
 *
 * @module
 */

/** What is examined, in order. */
export const GROUPS = {
  machine: "the hardware's promises",
  mathematics: "functions of mathematics, against float64",
  special: "NaN, infinities and the least numbers",
  families: "families of kernels at full tiles, against float64",
  operations: "every operation and layer, against float64",
  float64: "every operation and layer in float64 shaders",
  gradients: "gradients against differences, both in float64 shaders",
} as const;

/** One of the groups. */
export type Group = keyof typeof GROUPS;

/** One thing that was tried. */
export interface Check {
  readonly group: Group;
  readonly name: string;
  readonly ok: boolean;
  /** Largest error of its values, in units in the last place. */
  readonly ulps?: number;
  /** Largest error of its gradients, in units in the last place of the largest element. */
  readonly gradientUlps?: number;
  /** How far gradients are from differences, as a share of what is added up. */
  readonly apart?: number;
  /** Largest error of WGSL's own function, in the same units. */
  readonly builtInUlps?: number;
  /** Whether WGSL's own function keeps NaN and infinities as IEEE 754 has them. */
  readonly builtInKeeps?: boolean;
  /** What was found, a line each: what is wrong, or what is worth knowing. */
  readonly found: readonly string[];
}

/** What things cost, in seconds and billions a second. */
export interface Costs {
  /** Milliseconds of reading one number back, all waiting included. */
  readonly readBackMs: number;
  /** Microseconds of submitting work. */
  readonly submitUs: number;
  /** Microseconds of one dispatch among many. */
  readonly dispatchUs: number;
  /** Milliseconds of compiling a small kernel that no cache has. */
  readonly compileMs: number;
  /** Billions of bytes a second, read and written by a copy. */
  readonly memoryGbps: number;
  /** Billions of operations a second of a square matrix product. */
  readonly matmulGflops: number;
  /** The size of that product. */
  readonly matmulSize: number;
}

/** What this machine is. */
export interface Facts {
  readonly plunge: string;
  readonly deno: string;
  readonly os: string;
  readonly arch: string;
  /** The variables that drivers and Deno go by, where they are set. */
  readonly env: Readonly<Record<string, string>>;
  /** Mesa's version, where it can be found out. */
  readonly mesa: string | null;
  /** Vulkan's loader, on Linux: whether it is there. */
  readonly hasLoader: boolean | null;
  /** Files that name Vulkan drivers, on Linux. */
  readonly vulkanDrivers: readonly string[] | null;
  /** Whether the system has a device for a graphics card, on Linux. */
  readonly hasCard: boolean | null;
  /** Whether Deno finds an adapter by Vulkan, on Linux. */
  readonly hasVulkan: boolean | null;
  readonly adapter: AdapterFacts | null;
}

/** What an adapter says of itself. */
export interface AdapterFacts {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  /** Whether it computes on the CPU. */
  readonly isSoftware: boolean;
  /** The set of kernels that is used on it. */
  readonly kernels: "cpu" | "gpu";
  readonly features: readonly string[];
  /** Whether shaders may compute in float64, which Deno takes without listing it. */
  readonly float64: boolean;
  /** Limits that kernels depend on. */
  readonly limits: Readonly<Record<string, number>>;
}

/** Something to be mended, or to be known. */
export interface Problem {
  /** Whether training must not be trusted or cannot run, may be better, or nothing is the matter. */
  readonly severity: "error" | "warning" | "note";
  readonly what: string;
  readonly advice: string;
}

/** The whole. */
export interface Report {
  readonly facts: Facts;
  readonly costs: Costs | null;
  readonly checks: readonly Check[];
  readonly problems: readonly Problem[];
  /** Whether results of this machine can be trusted. */
  readonly healthy: boolean;
  readonly verdict: string;
  readonly seconds: number;
}
