/**
 * Schedules of the learning rate and changes of the training images, by what an option calls them.
 *
 * @module
 */
import {
  arange,
  optim,
  rand,
  type Stateful,
  type Tensor,
  type Transform,
  transforms,
  where,
} from "../../mod.ts";
import { refusal } from "../terminal/refusal.ts";

const { CosineAnnealingLR, OneCycleLR } = optim.lrScheduler;
const crop = transforms.randomCrop({ size: 28, padding: 2 }), flip = transforms.randomHorizontalFlip();

/**
 * Makes half of the images lose a rectangle of 2 to 33 % of their pixels, which become black (random erasing, Zhong et al.
 * 2017). The numbers follow `manualSeed`, as those of every transform do.
 */
export function erasing(x: Tensor): Tensor {
  const [n, , height, width] = x.shape;
  const draw = (low: number, high: number) => rand([n, 1, 1, 1]).mul(high - low).add(low);
  const area = draw(0.02, 0.33), ratio = draw(Math.log(0.3), -Math.log(0.3)).mul(0.5).exp(); // square root of tall to wide
  const side = area.sqrt(), shown = rand([n, 1, 1, 1]).ge(0.5);
  const isWithin = (size: number, share: Tensor, shape: number[]) => {
    const length = share.mul(size).clamp({ max: size }), start = draw(0, 1).mul(length.neg().add(size));
    const places = arange(size).add(0.5).reshape(shape);
    return places.ge(start).logicalAnd(places.lt(start.add(length)));
  };
  const rows = isWithin(height, side.mul(ratio), [1, 1, height, 1]);
  const columns = isWithin(width, side.div(ratio), [1, 1, 1, width]);
  return where(rows.logicalAnd(columns).logicalAnd(shown), 0, x);
}

/** Changes of a training image. */
export const AUGMENT: Record<string, Transform[]> = {
  none: [],
  crop: [crop],
  flip: [flip],
  both: [crop, flip],
  all: [crop, flip, erasing],
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
