/**
 * Errors about files of others, whose names and values are as long and as odd as the file's author likes.
 *
 * @module
 */

/** Letters of a part of an error that are shown. */
const MOST_SHOWN = 200;

/** A text as an error shows it: not too long, and without what would move a terminal's cursor or colour it. */
export function cut(text: string): string {
  const shown = text.slice(0, MOST_SHOWN + 1)
    .replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return shown.length <= MOST_SHOWN ? shown : `${shown.slice(0, MOST_SHOWN).toWellFormed()}…`;
}

/** Makes the errors of what reads a format: what must hold, and what was found. */
export function refusals(action: string): (mustHold: string, found: string) => SyntaxError {
  return (mustHold, found) => new SyntaxError(`Cannot ${action} as ${cut(mustHold)}: ${cut(found)}`);
}
