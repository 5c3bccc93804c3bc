/**
 * Kinds of arguments: what a value must be, in words, and whether one is.
 *
 * @module
 */
import { describe, isClass, isPlainObject } from "./describe.ts";

/** What is wrong with a value. */
export interface Objection {
  /** What the value must be, such as "a number". */
  readonly must: string;
  /** What was found; a description of the value unless given. */
  readonly found?: string | undefined;
  /** Whether the value is of the right kind, but out of range. */
  readonly isRange?: boolean | undefined;
}

/** A kind of argument. */
export interface Kind {
  /** A value of the kind as source text, for errors that show how to write it. */
  readonly example: string;
  /** Whether the argument may be left out. */
  readonly isOptional?: boolean;
  /** Says what is wrong with a value; null where nothing is. */
  objection(value: unknown): Objection | null;
}

/** A kind of values that `test` accepts. */
export function kind(must: string, example: string, test: (value: unknown) => boolean): Kind {
  return { example, objection: (value) => test(value) ? null : { must } };
}

/** Any number, NaN and infinity among them. */
export const NUMBER: Kind = kind("a number", "0.5", (v) => typeof v === "number");
/** Whatever it is. */
export const ANYTHING: Kind = kind("anything", "…", () => true);
/** True or false. */
export const BOOLEAN: Kind = kind("true or false", "true", (v) => typeof v === "boolean");
/** A function. */
export const FUNCTION: Kind = kind("a function", "() => …", (v) => typeof v === "function" && !isClass(v));
/** A text. */
export const TEXT: Kind = kind("a text", '"…"', (v) => typeof v === "string");
/** A number that is neither infinite nor NaN. */
export const FINITE: Kind = {
  ...NUMBER,
  objection: (v) => Number.isFinite(v) ? null : { must: "a finite number", isRange: typeof v === "number" },
};
/** What `for (… of …)` goes through. */
export const ITERABLE: Kind = kind(
  "an array or another iterable",
  "[x]",
  (v) => typeof v === "object" && v !== null && Symbol.iterator in v,
);
/** Bytes. */
export const BYTES: Kind = kind("a Uint8Array", "bytes", (v) => v instanceof Uint8Array);
/** A number, or a function that is asked for it at each replay of a captured step. */
export const DISPATCH_NUMBER: Kind = either(NUMBER, FUNCTION);

/** A whole number, from `least` up where that is given, to `most` where that is. */
export function whole(least = -Infinity, most = Infinity): Kind {
  const must = least === -Infinity
    ? "a whole number"
    : `a whole number from ${least} ${most === Infinity ? "up" : `to ${most}`}`;
  const fits = (v: number) => Number.isInteger(v) && v >= least && v <= most;
  return {
    example: `${Math.max(least, 1)}`,
    objection: (v) => typeof v !== "number" ? { must } : fits(v) ? null : { must, isRange: true },
  };
}

/** A whole number, or two of them: height and width. */
export function wholeOrTwo(least: number): Kind {
  const one = whole(least);
  return worded(`a whole number from ${least} up, or two`, either(one, listOf(one, "them", 2)));
}

/** A number from `least` to `most`; without `most`, from `least` up. NaN is neither. */
export function numberFrom(least: number, most = Infinity): Kind {
  const must = `a number from ${least} ${most === Infinity ? "up" : `to ${most}`}`;
  return {
    example: "0.5",
    objection: (v) =>
      typeof v !== "number" ? { must } : v >= least && v <= most ? null : { must, isRange: true },
  };
}

/** A number from `least` up that is not infinite. NaN is none. */
function finiteFrom(least: number): Kind {
  const must = `a finite number from ${least} up`, fits = (v: number) => Number.isFinite(v) && v >= least;
  return {
    example: "0.5",
    objection: (v) => typeof v !== "number" ? { must } : fits(v) ? null : { must, isRange: true },
  };
}

/** The kind, where errors say in other words what the value must be. */
export function worded(must: string, of: Kind): Kind {
  return {
    ...of,
    objection: (value) => {
      const objection = of.objection(value);
      return objection && { ...objection, must };
    },
  };
}

/** One of a few texts. */
export function oneOf(...words: readonly string[]): Kind {
  const quoted = words.map((word) => JSON.stringify(word));
  const must = [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
  return {
    example: quoted[0]!,
    objection: (v) => words.includes(v as string) ? null : { must, isRange: typeof v === "string" },
  };
}

/** A value of the first kind, or of another. */
export function either(first: Kind, ...others: readonly Kind[]): Kind {
  const kinds = [first, ...others];
  return {
    example: first.example,
    objection: (value) => {
      const found: Objection[] = [];
      for (const each of kinds) {
        const objection = each.objection(value);
        if (!objection) return null;
        found.push(objection);
      }
      const must = [...new Set(found.map((o) => o.must))].join(" or ");
      const { found: text } = found.find((o) => o.found !== undefined) ?? {};
      return { must, found: text, isRange: found.some((o) => o.isRange) };
    },
  };
}

/** An array of values of a kind, of `length` where that is given. */
export function listOf(item: Kind, what: string, length?: number): Kind {
  const must = `an array of ${length === undefined ? "" : `${length} `}${what}`;
  return {
    example: `[${item.example}${length === 2 ? `, ${item.example}` : ""}]`,
    objection: (value) => {
      if (!Array.isArray(value)) return { must };
      if (length !== undefined && value.length !== length) return { must, isRange: true };
      for (let k = 0; k < value.length; k++) { // by index, as `some` and `every` pass over holes
        const objection = item.objection(value[k]);
        if (objection) return { must, isRange: objection.isRange };
      }
      return null;
    },
  };
}

/** An object that names values of a kind. */
export function recordOf(item: Kind, what: string): Kind {
  const must = `an object of ${what}`;
  return {
    example: `{ name: ${item.example} }`,
    objection: (value) => {
      if (!isPlainObject(value)) return { must };
      for (const name in value) {
        const objection = item.objection(value[name]);
        if (objection) {
          return {
            must,
            found: `${name} is ${objection.found ?? describe(value[name])}`,
            isRange: objection.isRange,
          };
        }
      }
      return null;
    },
  };
}

/** An instance of a class, or of one that extends it. */
export function instanceOf(
  type: abstract new (...args: never[]) => unknown,
  must: string,
  example: string,
): Kind {
  return kind(must, example, (v) => v instanceof type);
}

/** An object that has methods of these names. */
export function having(must: string, example: string, ...methods: readonly string[]): Kind {
  const has = (v: unknown) =>
    methods.every((name) => typeof (v as Record<string, unknown>)[name] === "function");
  return kind(must, example, (v) => typeof v === "object" && v !== null && has(v));
}

/** Null, or a value of the kind. */
export function nullable(of: Kind): Kind {
  return { ...of, objection: (value) => value === null ? null : of.objection(value) };
}

/** An argument by position that may be left out. */
export function optional(of: Kind): Kind {
  return { ...of, isOptional: true, objection: (value) => value === undefined ? null : of.objection(value) };
}

/** An option that must be given. */
export function required(of: Kind): Kind {
  return { ...of, isOptional: false };
}

/** What is added so that nothing is divided by 0. */
export const EPS: Kind = finiteFrom(0);

/** Sizes of the dimensions of a tensor. */
export const SHAPE: Kind = listOf(whole(0), "whole numbers from 0 up");
/** A dimension, counted from the end where it is negative. */
export const DIM: Kind = { ...whole(), example: "1" };
/** One dimension or several. */
export const DIMS: Kind = either(DIM, listOf(DIM, "whole numbers"));

/** What random numbers begin with. */
export const SEED: Kind = worded("a whole number from 0 to 2^53 - 1", whole(0, Number.MAX_SAFE_INTEGER));
/** A type of a tensor's elements. */
export const DTYPE: Kind = oneOf("float32", "int32", "bool");
