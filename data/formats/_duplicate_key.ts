/**
 * Names that stand twice in a JSON object, of which `JSON.parse` takes the last without a word.
 *
 * @module
 */

/** Brackets and commas, which tell names from other texts, and the texts. */
function* tokensOf(json: string): Generator<string> {
  for (let at = 0; at < json.length; at++) {
    const letter = json[at]!;
    if (letter === '"') {
      const start = at++;
      for (; json[at] !== '"'; at++) if (json[at] === "\\") at++;
      yield json.slice(start, at + 1);
    } else if ("{}[],".includes(letter)) yield letter;
  }
}

/**
 * Finds a name that an object has twice, anywhere in a text.
 *
 * @param json A text that `JSON.parse` takes.
 * @returns The name; undefined where there is none.
 */
export function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the names of each object that is open, nothing for an array
  let isName = false; // whether a name comes next, if a text does
  for (const token of tokensOf(json)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token !== "," && isName) {
      const names = open.at(-1)!, name = JSON.parse(token) as string; // one name can be written in several ways
      if (names.has(name)) return name;
      names.add(name);
    }
    isName = token === "{" || token === "," && open.at(-1) !== undefined;
  }
}
