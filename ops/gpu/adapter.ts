/**
 * What an adapter is known to be by its name, and what is asked of it.
 *
 * @module
 */

/** Whether an adapter computes on the CPU, where it does not say so itself. */
export function isOnCpu(name: string): boolean {
  return /^(llvmpipe|SwiftShader)/i.test(name);
}

/**
 * The kernels that suit an adapter. Those with fat register tiles are for Mesa's llvmpipe, whose compiler takes their long
 * texts; other CPU adapters (SwiftShader, Windows' WARP) compile in ways of their own, so they get the GPU's short ones.
 */
export function kernelsFor(name: string): "cpu" | "gpu" {
  return /llvmpipe/i.test(name) ? "cpu" : "gpu";
}

/** What kernels can make use of, as far as the adapter has it. */
export function wantedLimits(has: GPUSupportedLimits): Record<string, number> {
  return {
    maxStorageBuffersPerShaderStage: Math.min(32, has.maxStorageBuffersPerShaderStage),
    maxStorageBufferBindingSize: Math.min(2 ** 31 - 4, has.maxStorageBufferBindingSize),
    maxBufferSize: Math.min(2 ** 31 - 4, has.maxBufferSize),
    maxComputeWorkgroupStorageSize: Math.min(32768, has.maxComputeWorkgroupStorageSize),
  };
}

/** Mesa prints an error line when XDG_RUNTIME_DIR is unset; any folder silences it while the adapter is opened. */
export function silenceMesa(): () => void {
  const name = "XDG_RUNTIME_DIR";
  const deno = (globalThis as { Deno?: typeof Deno }).Deno;
  if (deno?.build.os !== "linux") return () => {};
  try {
    const granted = deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
    if (!granted || deno.env.get(name)) return () => {};
    deno.env.set(name, "/tmp");
    return () => deno.env.delete(name);
  } catch {
    return () => {}; // it is a courtesy: never a reason to fail
  }
}
