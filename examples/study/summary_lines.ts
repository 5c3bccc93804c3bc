/**
 * The summary of a network, in the language that is spoken and the room that there is.
 *
 * @module
 */
import { type nn, summary } from "../../mod.ts";
import { narrowTable } from "../terminal/table.ts";
import { displayWidth } from "../terminal/text_width.ts";
import { currentLanguage, say } from "../words/words.ts";

/** The heads of the columns to the left, and of those to the right, whose numbers end beneath them. */
const LEFT = ["Layer (type (name): depth-index)", "Output shape"] as const;
const RIGHT = ["Parameters", "Mult-adds", "Bytes"] as const;
/** What stands before the totals. */
const TOTALS = [
  "Total parameters:",
  "Trainable parameters:",
  "Non-trainable parameters:",
  "Total mult-adds:",
  "Input size:",
  "Forward/backward pass size:",
  "Parameters size:",
  "Estimated total size:",
] as const;

/**
 * Gives the summary of a network as lines.
 *
 * @param net The network.
 * @param input The shape of its input.
 * @param columns The most columns that a line may take; the last columns are left out where there are fewer.
 * @returns The lines.
 */
export function summaryLines(net: nn.Module, input: readonly number[], columns: number): string[] {
  const text = `${summary(net, input)}`;
  return narrowTable(currentLanguage() === "en" ? text : translated(text), columns);
}

/** The summary with its words translated, each in the room of the English ones. */
function translated(text: string): string {
  const [rule, head, ...rest] = text.split("\n");
  let [heads, body] = [head, rest.join("\n")];
  for (const words of LEFT) heads = heads.replace(words, say(words) + spaces(words));
  for (const words of RIGHT) heads = heads.replace(words, spaces(words) + say(words));
  for (const words of TOTALS) body = body.replace(`\n${words}`, `\n${say(words)}`);
  return [rule, heads, body].join("\n");
}

/** The room that a translation leaves. */
function spaces(words: typeof LEFT[number] | typeof RIGHT[number]): string {
  return " ".repeat(Math.max(0, words.length - displayWidth(say(words))));
}
