/**
 * Contenders take turns on a network: A B C D, A B C D, …
 *
 * @module
 */
import type { Network } from "../networks.ts";
import { Contender, Failure } from "./contender.ts";
import type { Entrant } from "./contenders.ts";
import type { Ready } from "./protocol.ts";
import { median } from "../timing.ts";

/** How a contender did on a network. */
export interface Outcome {
  readonly entrant: Entrant;
  ready?: Ready;
  /** Seconds a step, one for each round. */
  readonly rounds: number[];
  /** Why it has no figure. */
  failure?: string;
}

/** How much is measured. */
export interface TournamentOptions {
  readonly rounds: number;
  /** Seconds of a round. */
  readonly seconds: number;
  /** Seconds that a contender may take to get warm, and for each round. */
  readonly limit: number;
  readonly packages: Record<string, string>;
  /** Told what happens. */
  say(line: string): void;
}

/** Measures everybody on one network. Failures are outcomes too. */
export async function compete(
  network: Network,
  entrants: readonly Entrant[],
  options: TournamentOptions,
): Promise<Outcome[]> {
  const { rounds, seconds, limit, packages, say } = options;
  const outcomes: Outcome[] = entrants.map((entrant) => ({ entrant, rounds: [] }));
  const running = new Map<Outcome, Contender>();
  const attempt = async (outcome: Outcome, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      outcome.failure = error.message;
      say(`${outcome.entrant.title}: ${error.message}`);
      await running.get(outcome)?.stop();
      running.delete(outcome);
    }
  };
  try {
    for (const outcome of outcomes) {
      await attempt(outcome, async () => {
        const contender = await Contender.start(outcome.entrant, network, packages, limit);
        running.set(outcome, contender);
        outcome.ready = contender.ready;
        say(`${outcome.entrant.title}: first step ${contender.ready.firstStep.toFixed(2)} s`);
      });
    }
    for (let round = 1; round <= rounds; round++) {
      for (const [outcome, contender] of [...running]) {
        await attempt(outcome, async () => {
          const { seconds: each, steps } = await contender.round(seconds);
          outcome.rounds.push(each);
          say(
            `round ${round}, ${outcome.entrant.title}: ${(1000 * each).toFixed(2)} ms a step, ${steps} steps`,
          );
        });
      }
    }
  } finally {
    for (const contender of running.values()) await contender.stop();
  }
  return outcomes;
}

/** Seconds a step, the median of the rounds; NaN where there is none. */
export function secondsOf(outcome: Outcome): number {
  return outcome.failure === undefined ? median(outcome.rounds) : NaN;
}

/** The largest distance of a contender's losses from ours, as a share of ours. */
export function disagreement(ours: Outcome, theirs: Outcome): number {
  const own = ours.ready?.losses ?? [], other = theirs.ready?.losses ?? [];
  return Math.max(0, ...own.map((loss, i) => Math.abs((other[i] ?? loss) - loss) / loss));
}
