/**
 * The drivers that the tests run on, and how a process is brought to take one.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import type { ReadEnv } from "../../ops/core/files.ts";
import { newMesa, SWIFTSHADER } from "../../scripts/drivers.ts";

/** A driver. */
export interface Driver {
  readonly title: string;
  /** Variables of a process that takes it. */
  readonly env: Readonly<Record<string, string>>;
  /** What the adapter's description begins with. */
  readonly adapter: string;
  /** A module that is loaded before a test's. */
  readonly preload?: string;
  /** The file without which the driver is not there. */
  readonly file?: string;
  /** Whether it may be left out where it is not there. */
  readonly isOptional?: boolean;
}

/** The Vulkan driver that `file` describes, and no other. */
function vulkan(file: string): Record<string, string> {
  return { DENO_WEBGPU_BACKEND: "vulkan", VK_ICD_FILENAMES: file, VK_DRIVER_FILES: file };
}

/**
 * The drivers by name.
 *
 * @param env How to read the environment.
 * @returns The drivers, those that are not there too.
 */
export function driversOf(env: ReadEnv): Readonly<Record<string, Driver>> {
  const mesa = newMesa(env) ?? "/no-cache-folder";
  return {
    gl: { title: "Mesa's GL", env: { DENO_WEBGPU_BACKEND: "gl" }, adapter: "" },
    swiftshader: {
      title: "SwiftShader",
      env: vulkan(SWIFTSHADER),
      adapter: "SwiftShader",
      file: SWIFTSHADER,
    },
    mesa: { title: "the newer Mesa", env: vulkan(mesa), adapter: "llvmpipe", file: mesa, isOptional: true },
    least: {
      title: "the smallest limits",
      env: {},
      adapter: "",
      preload: fromFileUrl(new URL("least_limits.ts", import.meta.url)),
    },
  };
}
