/**
 * What the scripts and their page say, in English and in Chinese.
 *
 * A sentence stands in the code in English, as `say("training on {device}", { device })`, and in one of this folder's tables
 * with its translation. One that is in no table, or whose translation has other places to fill, does not compile.
 *
 * @module
 */
import { type Places, translations } from "./_translations.ts";
import { BOOK } from "./book.ts";
import { OPTIONS } from "./options.ts";
import { STUDY } from "./study.ts";
import { TRAINING } from "./training.ts";

/** The languages there are, as `--lang` calls them. */
export const LANGUAGES = ["en", "zh"] as const;

/** A language. */
export type Language = typeof LANGUAGES[number];

/** Every sentence, and what it is in Chinese. It holds texts only, so that it can be sent to a page. */
export const CHINESE = translations({ ...TRAINING, ...STUDY, ...OPTIONS, ...BOOK });

/** A sentence that has a translation. */
export type Sentence = keyof typeof CHINESE;

/** What is written into the places of a sentence; nothing where it has none. */
export type Filling<S extends Sentence> = [Places<S>] extends [never] ? []
  : [values: Readonly<Record<Places<S>, string | number>>];

let language: Language = "en";

/** The language that is spoken, English unless {@linkcode setLanguage} was called. */
export function currentLanguage(): Language {
  return language;
}

/** The language of a page, where the terminal speaks another than English; else the browser knows better. */
export function pageLanguage(): Language | undefined {
  return language === "en" ? undefined : language;
}

/** Chooses the language. */
export function setLanguage(chosen: Language): void {
  language = chosen;
}

/** Speaks a language while something is made, at once; then goes on with the one before. */
export function speaking<T>(wanted: Language, make: () => T): T {
  const before = language;
  language = wanted;
  try {
    return make();
  } finally {
    language = before;
  }
}

/**
 * Says a sentence in the language that was chosen.
 *
 * @param sentence The sentence in English.
 * @param values What stands in its places, by their names.
 * @returns The sentence.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { say, setLanguage } from "./words.ts";
 *
 * assertEquals(say("epoch {n}/{epochs}", { n: 1, epochs: 10 }), "epoch 1/10");
 * setLanguage("zh");
 * assertEquals(say("epoch {n}/{epochs}", { n: 1, epochs: 10 }), "第 1/10 轮");
 * setLanguage("en");
 * ```
 */
export function say<S extends Sentence>(sentence: S, ...[values]: Filling<S>): string {
  const text: string = language === "zh" ? CHINESE[sentence] : sentence;
  const filling: Readonly<Record<string, string | number>> = values ?? {};
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => `${filling[name]}`);
}

/** Says the name of a network, a class or another thing, which stays as it is where there is no translation. */
export function sayName(name: string): string {
  return language === "zh" && Object.hasOwn(CHINESE, name) ? CHINESE[name as Sentence] : name;
}

/** Puts sentences together as a paragraph; Chinese has no spaces between them. */
export function paragraph(...sentences: readonly string[]): string {
  return sentences.join(language === "zh" ? "" : " ");
}

/** Puts names together as a list: `a, b, c`. */
export function list(names: readonly string[]): string {
  return names.join(language === "zh" ? "、" : ", ");
}
