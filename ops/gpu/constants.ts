/**
 * WebGPU's flags as numbers, as its specification fixes them.
 *
 * They are written down here so that an import does not load WebGPU, and so that they are known where a program names
 * libraries of types that leave WebGPU's values out, such as `lib: ["dom", "deno.ns"]`.
 *
 * @module
 */

/** Uses of a buffer. */
export const BUFFER_USAGE = {
  MAP_READ: 0x1,
  MAP_WRITE: 0x2,
  COPY_SRC: 0x4,
  COPY_DST: 0x8,
  UNIFORM: 0x40,
  STORAGE: 0x80,
  QUERY_RESOLVE: 0x200,
} as const;

/** Ways to map a buffer. */
export const MAP_MODE = { READ: 0x1, WRITE: 0x2 } as const;

/** Stages that a binding is visible in. */
export const SHADER_STAGE = { COMPUTE: 0x4 } as const;
