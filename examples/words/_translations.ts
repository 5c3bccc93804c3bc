/**
 * A table of sentences: English as the program has them, and what they are in Chinese.
 *
 * @module
 */

/** The names of the places in a sentence that something else is written into: `"epoch {n}"` has `n`. */
export type Places<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never;

/** A table whose translations have the places of their sentences; another one is no text, and does not compile. */
type Fitting<T> = {
  readonly [S in keyof T]: [Places<S>, Places<T[S]>] extends [Places<T[S]>, Places<S>] ? string : never;
};

/** A table of sentences, checked. */
export function translations<const T extends Readonly<Record<string, string>>>(table: T & Fitting<T>): T {
  return table;
}
