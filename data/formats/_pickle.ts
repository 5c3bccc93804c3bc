/**
 * The part of Python's pickles that tensors by name need: numbers, texts, lists, tuples and dictionaries. A pickle is a
 * program for a small machine with a stack. Here, what it would call is looked up among a few functions of ours: nothing
 * of the file is executed.
 *
 * The format is described at https://github.com/python/cpython/blob/main/Lib/pickletools.py.
 *
 * @module
 */

/** A Python dictionary. */
export type Dict = Map<unknown, unknown>;

/** What a name of Python stands for. */
export class Global {
  /** Its module and name, such as `torch.FloatStorage`. */
  readonly name: string;
  /** Computes what a call of it gives; undefined where it is not called. */
  readonly call: ((args: readonly unknown[]) => unknown) | undefined;

  constructor(name: string, call?: (args: readonly unknown[]) => unknown) {
    this.name = name;
    this.call = call;
  }
}

/** What a pickle means to its reader. */
export interface PickleReader {
  /** The meaning of a name such as `collections.OrderedDict`; throws where there is none. */
  global(name: string): Global;
  /** The meaning of what is kept outside the pickle, of what tells where. */
  persistent(id: unknown): unknown;
  /** Makes an error of what must hold, and of what was found. */
  refuse(mustHold: string, found: string): Error;
}

/** A value in words, which are few however large it is. */
export function describe(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return "a list or tuple";
  if (value instanceof Map) return "a dictionary";
  if (value instanceof Global) return value.name;
  return typeof value === "object" ? "a tensor or its storage" : String(value);
}

/** Marks a place of the stack. */
const MARK = Symbol("mark");

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The machine. */
class Machine {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  readonly reader: PickleReader;
  #at = 0;

  constructor(bytes: Uint8Array, reader: PickleReader) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.reader = reader;
  }

  /** Runs the program to its end. */
  run(): unknown {
    for (;;) {
      const code = this.take(1)[0]!, step = STEPS.get(code);
      if (code === STOP) break;
      if (!step) {
        const found = `it has 0x${code.toString(16).padStart(2, "0")} at byte ${this.#at - 1}`;
        throw this.reader.refuse("its pickle must have codes that tensors by name need", found);
      }
      step(this);
    }
    const result = this.pop();
    if (this.#stack.length === 0 && this.#at === this.#bytes.length) return result;
    throw this.damaged("it goes on after its end");
  }

  damaged(found: string): Error {
    return this.reader.refuse("its pickle must be a whole one", found);
  }

  /** The next bytes. */
  take(count: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at, this.#at += count);
    if (bytes.length < count) throw this.damaged("it is cut short");
    return bytes;
  }

  /** A whole number of so many bytes, the lowest first. */
  number(width: 1 | 2 | 4): number {
    this.take(width);
    const at = this.#at - width;
    return width === 1
      ? this.#view.getUint8(at)
      : width === 2
      ? this.#view.getUint16(at, true)
      : this.#view.getUint32(at, true);
  }

  float(): number {
    this.take(8);
    return this.#view.getFloat64(this.#at - 8); // the highest byte first, unlike whole numbers
  }

  /** A length of eight bytes. */
  length(): number {
    this.take(8);
    return Number(this.#view.getBigUint64(this.#at - 8, true));
  }

  text(length: number): string {
    try {
      return utf8.decode(this.take(length));
    } catch (error) {
      if (error instanceof TypeError) throw this.damaged("a text of it is no UTF-8");
      throw error;
    }
  }

  /** A text up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw this.damaged("it is cut short");
    const text = this.text(end - this.#at);
    this.#at++;
    return text;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    if (this.#stack.length === 0 || this.top() === MARK) throw this.damaged("it takes what is not there");
    return this.#stack.pop();
  }

  /** The uppermost value, which stays. */
  top(): unknown {
    return this.#stack.at(-1);
  }

  /** The values above the uppermost mark, which go with it. */
  popToMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw this.damaged("a mark of it is missing");
    const values = this.#stack.splice(mark);
    return values.slice(1);
  }

  /** Keeps the uppermost value under a number; the next one unless given. */
  keep(index = this.#memo.size): void {
    const value = this.pop();
    this.push(value);
    this.#memo.set(index, value);
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw this.damaged(`value ${index} is not there`);
    this.push(this.#memo.get(index));
  }

  pushGlobal(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string") throw this.damaged("a name of it is no text");
    this.push(this.reader.global(`${module}.${name}`));
  }

  append(values: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.damaged("it adds to what is no list");
    for (const value of values) list.push(value);
  }

  setItems(items: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || items.length % 2) {
      throw this.damaged("it sets items of what is no dictionary");
    }
    for (let k = 0; k < items.length; k += 2) {
      const { [k]: key, [k + 1]: value } = items;
      if (dict.has(key)) {
        throw this.reader.refuse("every name must be there once", `${describe(key)} is there twice`);
      }
      dict.set(key, value);
    }
  }

  /** Puts in the place of a function and its arguments what it gives. */
  call(): void {
    const args = this.pop(), called = this.pop();
    if (!(called instanceof Global) || !Array.isArray(args)) {
      throw this.damaged("it calls what is no function");
    }
    if (!called.call) throw this.reader.refuse("only what makes tensors is called", called.name);
    this.push(called.call(args));
  }

  /** Forgets the attributes that a dictionary is given, such as the versions of modules in a state; nothing else has any. */
  setState(): void {
    this.pop();
    if (!(this.top() instanceof Map)) {
      throw this.reader.refuse("only dictionaries have attributes", "something else has");
    }
  }
}

/** A whole number of any length, of two's complement, the lowest byte first. */
function longOf(bytes: Uint8Array): number | bigint {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).reverse().join("");
  const value = BigInt.asIntN(8 * bytes.length, BigInt(hex ? `0x${hex}` : 0)), small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** The code that ends a pickle. */
const STOP = 0x2e;

/** What the codes do, by their letters in pickletools. */
const STEPS: ReadonlyMap<number, (m: Machine) => void> = new Map(
  Object.entries<(m: Machine) => void>({
    "\x80": (m) => m.take(1), // the version, which the codes tell as well
    "\x95": (m) => m.take(8), // the length of what follows, for those who read a stream
    "(": (m) => m.push(MARK),
    "N": (m) => m.push(null),
    "\x88": (m) => m.push(true),
    "\x89": (m) => m.push(false),
    "K": (m) => m.push(m.number(1)),
    "M": (m) => m.push(m.number(2)),
    "J": (m) => m.push(m.number(4) | 0),
    "\x8a": (m) => m.push(longOf(m.take(m.number(1)))),
    "G": (m) => m.push(m.float()),
    "X": (m) => m.push(m.text(m.number(4))),
    "\x8c": (m) => m.push(m.text(m.number(1))),
    "\x8d": (m) => m.push(m.text(m.length())),
    ")": (m) => m.push([]),
    "]": (m) => m.push([]),
    "}": (m) => m.push(new Map()),
    "t": (m) => m.push(m.popToMark()),
    "\x85": (m) => m.push([m.pop()]),
    "\x86": (m) => m.push([m.pop(), m.pop()].reverse()),
    "\x87": (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()),
    "a": (m) => {
      const value = m.pop();
      m.append([value]);
    },
    "e": (m) => m.append(m.popToMark()),
    "s": (m) => m.setItems([m.pop(), m.pop()].reverse()),
    "u": (m) => m.setItems(m.popToMark()),
    "q": (m) => m.keep(m.number(1)),
    "r": (m) => m.keep(m.number(4)),
    "\x94": (m) => m.keep(),
    "h": (m) => m.recall(m.number(1)),
    "j": (m) => m.recall(m.number(4)),
    "c": (m) => {
      const module = m.line();
      m.pushGlobal(module, m.line());
    },
    "\x93": (m) => {
      const name = m.pop();
      m.pushGlobal(m.pop(), name);
    },
    "Q": (m) => m.push(m.reader.persistent(m.pop())),
    "R": (m) => m.call(),
    "b": (m) => m.setState(),
  }).map(([letter, step]) => [letter.charCodeAt(0), step]),
);

/**
 * Reads a pickle. Lists and tuples become arrays, dictionaries {@linkcode Dict}s, None null.
 *
 * @param bytes The whole pickle.
 * @param reader What its names mean.
 */
export function unpickle(bytes: Uint8Array, reader: PickleReader): unknown {
  return new Machine(bytes, reader).run();
}
