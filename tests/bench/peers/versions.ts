/**
 * The peers' versions, in this one place.
 *
 * @module
 */

/** What the WebGPU contenders import. */
export const PACKAGES = {
  "jax-js": "npm:@jax-js/jax@0.1.25",
  "tfjs": "npm:@tensorflow/tfjs@4.22.0",
  "tfjs-webgpu": "npm:@tensorflow/tfjs-backend-webgpu@4.22.0",
} as const;

/** The Python that has PyTorch: on Debian of the packages python3-torch and libopenblas0-pthread. */
export const PYTHON = "/usr/bin/python3";
