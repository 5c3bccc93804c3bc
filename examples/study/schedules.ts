/**
 * Schedules of the learning rate and changes of the training images, by what an option calls them.
 *
 * @module
 */
import { optim, type Stateful, type Transform, transforms } from "../../mod.ts";
import { refusal } from "../terminal/refusal.ts";

const { CosineAnnealingLR, OneCycleLR } = optim.lrScheduler;
const crop = transforms.randomCrop({ size: 28, padding: 2 }), flip = transforms.randomHorizontalFlip();

/** Changes of a training image. */
export const AUGMENT: Record<string, Transform[]> = {
  none: [],
  crop: [crop],
  flip: [flip],
  both: [crop, flip],
};

/** A schedule that can be saved. */
export type Stepped = Stateful & { step(): void };

/** Makes a schedule for an optimiser and so many steps; undefined where the learning rate stays. */
export type Schedule = (opt: optim.SGD | optim.Adam, steps: number) => Stepped | undefined;

/** How the learning rate goes on, step by step. */
export const SCHEDULES: Record<string, Schedule> = {
  constant: () => undefined,
  cosine: (opt, steps) => checked(opt, new CosineAnnealingLR(opt, { TMax: steps })),
  "one-cycle": (opt, steps) =>
    checked(opt, new OneCycleLR(opt, { maxLr: opt.paramGroups[0].lr, totalSteps: steps + 1 })),
};

/** Has a schedule refuse to go on at a rate that is no number, as one of too few steps may end. */
export function checked<S extends { step(): void }>(
  opt: { paramGroups: readonly { lr: number }[] },
  schedule: S,
): S {
  const check = () => {
    const wrong = opt.paramGroups.find(({ lr }) => !Number.isFinite(lr));
    if (wrong === undefined) return;
    throw refusal(
      new RangeError(`Cannot train as the schedule must give a learning rate that is a number: ${wrong.lr}`),
    );
  };
  check();
  const step = schedule.step.bind(schedule);
  return Object.assign(schedule, {
    step(): void {
      step();
      check();
    },
  });
}
