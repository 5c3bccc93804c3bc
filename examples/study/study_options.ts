/**
 * The options that the study's scripts have in common, for `options()`.
 *
 * @module
 */

import { FACE_OPTIONS } from "./faces.ts";

/** The options of the data and the files. */
export const STUDY_OPTIONS = {
  "batch-size": { help: "images in a step", default: 256, least: 1, integer: true },
  seed: { help: "seed of weights and order", default: 3, most: Number.MAX_SAFE_INTEGER, integer: true },
  limit: { help: "use only the first N images of each split", number: true, least: 1, integer: true },
  root: { help: "folder of the data set, which must be there", folder: true },
  out: { help: "folder for the metrics and curves of each network, and their comparison" },
  overwrite: {
    help: "replace earlier runs there; without it they are kept in .earlier-1, -2, …",
    flag: true,
  },
  "save-every": { help: "save within epochs too: every N steps, or with 60s every 60 seconds" },
  resume: { help: "go on with the run in --out, from its newest checkpoint", flag: true },
  ...FACE_OPTIONS,
  "keep-going": {
    help: "train on where a loss is NaN or infinite, instead of a report and the end",
    flag: true,
  },
} as const;
