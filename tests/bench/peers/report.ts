/**
 * The outcomes as the text that goes into a page.
 *
 * @module
 */
import type { Network } from "../networks.ts";
import { OURS } from "./contenders.ts";
import type { ScriptOutcome } from "./script.ts";
import { disagreement, type Outcome, secondsOf } from "./tournament.ts";
import { figure, markdownTable, percent, ratio, type Table } from "../tables.ts";
import { median } from "../timing.ts";

/** A network and how all did on it. */
export interface NetworkOutcomes {
  readonly network: Network;
  readonly outcomes: readonly Outcome[];
}

/** Everything that was measured, and where. */
export interface Report {
  readonly date: string;
  /** Plunge's version, with its commit where it is known. */
  readonly version: string;
  readonly command: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly networks: readonly NetworkOutcomes[];
  /** The whole script, where it was run. */
  readonly script?: { readonly epochs: number; readonly outcomes: readonly ScriptOutcome[] };
}

/** Distance of losses beyond which a note says so. */
const NOTABLE = 1e-3;

/** The whole text, in Markdown. */
export function markdownReport(report: Report): string {
  const { networks, script } = report, parts = [origin(report)];
  if (networks.length > 0) {
    parts.push(
      "Examples a second; in brackets, how many times as fast Plunge's compiled step is.",
      markdownTable(speedTable(networks)),
      ...notes(networks),
      "Seconds until the first step is done, compiling included, with an empty shader cache:",
      markdownTable(firstStepTable(networks)),
    );
  }
  if (script) {
    parts.push(
      `The whole LeNet script, ${script.epochs} epoch${
        script.epochs === 1 ? "" : "s"
      } from the start of the process to its end, in seconds:`,
      markdownTable(scriptTable(script.outcomes)),
    );
  }
  return parts.join("\n\n");
}

function origin({ date, version, command, rounds, seconds, networks }: Report): string {
  const ready = networks.flatMap(({ outcomes }) => outcomes.filter((o) => o.ready));
  const adapter = ready.find(({ entrant }) => entrant.name === OURS)?.ready?.adapter;
  const programs = new Map(
    ready.filter(({ entrant }) => !entrant.name.startsWith(OURS))
      .map(({ entrant, ready }) => [entrant.title.split(",")[0], ready!.version]),
  );
  const versions = [`Plunge ${version}`, `Deno ${Deno.version.deno}`];
  for (const [name, number] of programs) versions.push(`${name} ${number}`);
  const where = adapter ? ` on ${adapter}` : "", cores = navigator.hardwareConcurrency;
  return [
    `Measured on ${date}${where}, ${cores} CPU cores: ${versions.join(", ")}.`,
    `Rounds: ${rounds} of about ${seconds} s each, of which the median counts. The command:`,
    `\`${command}\`.`,
  ].join("\n");
}

/** Examples a second of everybody. */
export function speedTable(networks: readonly NetworkOutcomes[]): Table {
  return tableOf(networks, ({ network }, outcome, ours) => {
    if (outcome.failure !== undefined) return failureWord(outcome.failure);
    const speed = network.batch / secondsOf(outcome);
    if (outcome === ours || !ours || ours.failure !== undefined) return figure(speed);
    return `${figure(speed)} (${ratio(network.batch / secondsOf(ours), speed)})`;
  });
}

function firstStepTable(networks: readonly NetworkOutcomes[]): Table {
  return tableOf(
    networks,
    (_, { ready, failure }) => ready ? figure(ready.firstStep) : failureWord(failure!),
  );
}

function scriptTable(outcomes: readonly ScriptOutcome[]): Table {
  return {
    head: [
      "",
      "first run",
      `median of ${Math.max(...outcomes.map(({ seconds }) => seconds.length))}`,
      "test accuracy",
    ],
    rows: outcomes.map(({ title, seconds, accuracy, failure }) =>
      failure !== undefined
        ? [title, failureWord(failure), "", ""]
        : [title, figure(seconds[0]), figure(median(seconds)), accuracy]
    ),
  };
}

/** A row for each network, a column for each contender. */
function tableOf(
  networks: readonly NetworkOutcomes[],
  cell: (row: NetworkOutcomes, outcome: Outcome, ours: Outcome | undefined) => string,
): Table {
  const entrants = networks[0].outcomes.map(({ entrant }) => entrant);
  return {
    head: ["network", "batch", ...entrants.map(({ title }) => title)],
    rows: networks.map((row) => {
      const ours = row.outcomes.find(({ entrant }) => entrant.name === OURS);
      return [row.network.title, `${row.network.batch}`, ...row.outcomes.map((o) => cell(row, o, ours))];
    }),
  };
}

function failureWord(failure: string): string {
  if (/NotFound/.test(failure)) return "not installed";
  return failure.startsWith("no answer") ? "too slow" : "crashes";
}

/** What the cells cannot say: why somebody failed, whose losses differ, whose rounds differ. */
function notes(networks: readonly NetworkOutcomes[]): string[] {
  const lines = networks.flatMap(({ network, outcomes }) => {
    const ours = outcomes.find(({ entrant }) => entrant.name === OURS);
    return outcomes.flatMap((outcome) => {
      const who = `- ${outcome.entrant.title} on ${network.title}:`;
      if (outcome.failure !== undefined) return [`${who} ${outcome.failure.replace(/\.$/, "")}.`];
      const apart = ours ? disagreement(ours, outcome) : 0;
      return apart > NOTABLE ? [`${who} its losses are up to ${percent(apart)} from Plunge's.`] : [];
    });
  });
  return lines.length > 0 ? [lines.join("\n")] : [];
}
