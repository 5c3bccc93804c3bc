/**
 * Loaded before a test's modules, it makes the adapter at hand one of the smallest limits that WebGPU guarantees, without
 * features: the limits are asked of the device too, so WebGPU refuses what goes beyond them.
 *
 * @module
 */

/** The defaults of https://www.w3.org/TR/webgpu/#limits, as far as compute work meets them. */
const LEAST: Readonly<Record<string, number>> = {
  maxBindGroups: 4,
  maxBindingsPerBindGroup: 1000,
  maxDynamicUniformBuffersPerPipelineLayout: 8,
  maxDynamicStorageBuffersPerPipelineLayout: 4,
  maxStorageBuffersPerShaderStage: 8,
  maxUniformBuffersPerShaderStage: 12,
  maxUniformBufferBindingSize: 2 ** 16,
  maxStorageBufferBindingSize: 2 ** 27,
  minUniformBufferOffsetAlignment: 256,
  minStorageBufferOffsetAlignment: 256,
  maxBufferSize: 2 ** 28,
  maxComputeWorkgroupStorageSize: 2 ** 14,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupsPerDimension: 65535,
};

Object.defineProperty(GPUAdapter.prototype, "limits", { get: () => LEAST });
Object.defineProperty(GPUAdapter.prototype, "features", { get: () => new Set() });
