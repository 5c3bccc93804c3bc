/**
 * What a person may ask of the run under way, from whatever face: to stop, to save, another learning rate. The wish is noted
 * at once, and done by the training between two steps.
 *
 * @module
 */
import type { StopRequest } from "../terminal/stop_request.ts";
import { say } from "../words/words.ts";
import { feed, type RateChange } from "./run_feed.ts";

/** What a learning rate is asked for: itself, or as a multiple of the present one. */
type RateWish = { readonly lr: number } | { readonly factor: number };

/** What a training lets be controlled. */
export interface Controlled {
  /** Its wish to end, of which signals are the other source. */
  readonly stop: StopRequest;
  /** Whether it has a folder to save checkpoints in. */
  readonly canSave: boolean;
}

/** What has a learning rate that can be changed: an optimiser, and the schedules that go on from its rates. */
export interface Rated {
  readonly optimizer: object;
  readonly schedules?: readonly unknown[] | undefined;
}

type Group = { lr: number; initialLr?: number };
/** The parameter groups of an optimiser, of which there is one at least. */
type Groups = [Group, ...Group[]];
type Schedule = { stateDict(): object; loadStateDict(state: object): void };

/** Where a change is made: the epoch from 1, and how many of its steps are done. */
type Place = Pick<RateChange, "epoch" | "step">;

/** Takes what is asked of the run under way. */
export class RunControl {
  #run: Controlled | null = null;
  #isSaveAsked = false;
  #rates: RateWish[] = [];

  /** Whether a run is under way that takes wishes. */
  get isRunning(): boolean {
    return this.#run !== null;
  }

  /** Whether the run under way can save a checkpoint. */
  get canSave(): boolean {
    return this.#run?.canSave ?? false;
  }

  /** Whether the training has something to do between two steps. */
  get isAsked(): boolean {
    return this.#isSaveAsked || this.#rates.length > 0 || (this.#run?.stop.signal.aborted ?? false);
  }

  /** Asks the run to end after the step under way, and to save before, as Ctrl-C does. */
  requestStop(): void {
    this.#expectRun("stop").stop.ask();
  }

  /** Asks for a checkpoint after the step under way. */
  requestCheckpoint(): void {
    if (!this.#expectRun("save a checkpoint").canSave) {
      throw new Error("Cannot save a checkpoint as the run must have a folder: it was begun without --out");
    }
    this.#isSaveAsked = true;
  }

  /**
   * Asks for another learning rate from the next step on: that of the first parameter group; those of others, and what
   * schedules start from and end at, change by the same factor.
   */
  setLr(lr: number): void {
    checkAbove("the learning rate", lr);
    this.#expectRun("set the learning rate");
    this.#rates.push({ lr });
  }

  /** Asks for learning rates of so many times the present ones, from the next step on. */
  scaleLr(factor: number): void {
    checkAbove("the factor of the learning rate", factor);
    this.#expectRun("set the learning rate");
    this.#rates.push({ factor });
  }

  /** For the training: takes wishes until what is returned is disposed. */
  attach(run: Controlled): Disposable {
    this.#run = run;
    this.#isSaveAsked = false;
    this.#rates = [];
    return { [Symbol.dispose]: () => void (this.#run === run && (this.#run = null)) };
  }

  /** For the training: whether a checkpoint was asked for, which it makes now. */
  takeSave(): boolean {
    const { canSave } = this, isAsked = this.#isSaveAsked;
    if (canSave) this.#isSaveAsked = false;
    return canSave && isAsked;
  }

  /**
   * For the training: changes the learning rates as was asked, and tells it. The rates belong to the states of optimiser
   * and schedules, so that a checkpoint has them, and a run that goes on from it goes on with them.
   *
   * @returns The change; undefined where nothing was asked, or nothing changed.
   */
  takeRates(rated: Rated, place: Place): RateChange | undefined {
    const wishes = this.#rates, groups = groupsOf(rated.optimizer);
    this.#rates = [];
    if (wishes.length === 0 || groups === null) return undefined;
    const from = groups[0].lr;
    for (const wish of wishes) changeRates(groups, rated.schedules ?? [], wish);
    const change = { from, lr: groups[0].lr, ...place };
    if (change.lr === from) return undefined;
    feed.tell({ kind: "lr", ...change });
    feed.note(describeChange(change));
    return change;
  }

  #expectRun(what: string): Controlled {
    if (this.#run) return this.#run;
    throw new Error(`Cannot ${what} as a run must be under way: there is none`);
  }
}

/** A change in words. */
export function describeChange({ from, lr, epoch, step }: RateChange): string {
  const digits = (value: number) => Number(value.toPrecision(4));
  return say("learning rate {from} → {lr}, from epoch {n}, step {step} on", {
    from: digits(from),
    lr: digits(lr),
    n: epoch,
    step: step + 1,
  });
}

function checkAbove(what: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RangeError(`Cannot change the learning rate as ${what} must be a number above 0: ${value}`);
}

/** The learning rate of an optimiser's first group; NaN where it has none. */
export function rateOf(optimizer: object): number {
  return groupsOf(optimizer)?.[0].lr ?? NaN;
}

function groupsOf(optimizer: object): Groups | null {
  const { paramGroups } = optimizer as { paramGroups?: Groups };
  return Array.isArray(paramGroups) && typeof paramGroups[0]?.lr === "number" ? paramGroups : null;
}

function changeRates(groups: Groups, schedules: readonly unknown[], wish: RateWish): void {
  const [first] = groups, factor = "lr" in wish ? wish.lr / first.lr : wish.factor;
  if (!Number.isFinite(factor)) {
    const told = say("the learning rate stays {lr}: no factor leads from there", { lr: first.lr });
    return feed.note(told, { isWarning: true });
  }
  for (const group of groups) {
    group.lr *= factor;
    if (group.initialLr !== undefined) group.initialLr *= factor;
  }
  if ("lr" in wish) first.lr = wish.lr; // to the last bit
  for (const schedule of schedules) {
    if (isSchedule(schedule)) schedule.loadStateDict(scaled(schedule, factor));
  }
}

function isSchedule(value: unknown): value is Schedule {
  return typeof value === "object" && value !== null && "stateDict" in value && "loadStateDict" in value;
}

/** What of a schedule's state are learning rates: all else are numbers of steps and shares. */
const RATES = ["baseLr", "baseLrs", "etaMin", "lastLr", "maxLr", "minLr", "swaLr"];

/** The state of a schedule that goes the same way at so many times the rates. */
function scaled(schedule: Schedule, factor: number): object {
  const times = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(times) : typeof value === "number" ? value * factor : value;
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([k, v]) => [k, RATES.includes(k) ? times(v) : walk(v)]));
  };
  return walk(schedule.stateDict()) as object;
}

/** The control of this process's runs. */
export const control: RunControl = new RunControl();
