/**
 * What the tests of the schedules share.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { optim, tensor } from "../../../../mod.ts";

/** An optimiser whose groups have the rates lr, 2 lr and so on. */
export function optimizer(lr: number, groups = 1): optim.SGD {
  const params = Array.from({ length: groups }, () => tensor([0], { requiresGrad: true }));
  return new optim.SGD(params.map((p, k) => ({ params: [p], lr: lr * (k + 1) })), { lr });
}

/** A schedule of any kind. */
export interface Schedule {
  step(metric: number): void;
  getLastLr(): number[];
}

/** The rates of all steps and of the one after them, those of all groups one after another. */
export function ratesOf(opt: optim.SGD, schedule: Schedule, metrics: number | number[]): number[] {
  const rates = () => opt.paramGroups.map(({ lr }) => lr), all = [rates()];
  for (const metric of typeof metrics === "number" ? new Array(metrics).fill(0) : metrics) {
    schedule.step(metric);
    assertEquals(schedule.getLastLr(), rates());
    all.push(rates());
  }
  return all.flat();
}
