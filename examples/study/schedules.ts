/**
 * Schedules of the learning rate and changes of the training images, by what an option calls them.
 *
 * @module
 */
import { optim, type Transform, transforms } from "../../mod.ts";

const { CosineAnnealingLR, OneCycleLR } = optim.lrScheduler;
const crop = transforms.randomCrop({ size: 28, padding: 2 }), flip = transforms.randomHorizontalFlip();

/** Changes of a training image. */
export const AUGMENT: Record<string, Transform[]> = {
  none: [],
  crop: [crop],
  flip: [flip],
  both: [crop, flip],
};

/** Makes a schedule for an optimiser and so many steps; undefined where the learning rate stays. */
export type Schedule = (opt: optim.SGD | optim.Adam, steps: number) => { step(): void } | undefined;

/** How the learning rate goes on, step by step. */
export const SCHEDULES: Record<string, Schedule> = {
  constant: () => undefined,
  cosine: (opt, steps) => new CosineAnnealingLR(opt, { TMax: steps }),
  "one-cycle": (opt, steps) => new OneCycleLR(opt, { maxLr: opt.paramGroups[0].lr, totalSteps: steps + 1 }),
};
