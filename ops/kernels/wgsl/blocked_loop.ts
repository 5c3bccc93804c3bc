/**
 * Loops that add up in blocks of blocks.
 *
 * A sum that takes in its terms one after the other is off by an error that grows with their number, and worst where
 * all are equal, as each addition rounds in the same direction. Where some are added up apart, and then some of such
 * sums, the error grows with the depth of the blocks, which is the logarithm of the number. The order is fixed, so that
 * two runs give the same bits.
 *
 * @module
 */

/** A loop whose variable is declared already. */
export interface Counter {
  /** The variable, a u32. */
  readonly at: string;
  /** Where it ends: a u32 expression that does not change. */
  readonly end: string;
  /** What a turn moves it on: a u32 expression. */
  readonly by: string;
}

/** What a blocked loop does; depth 0 is outside all blocks. */
export interface BlockedText {
  /** Statements that begin the sum of a block. */
  begin(depth: number): string;
  /** Statements that add the sum of a block of `depth` to the sum around it. */
  end(depth: number): string;
  /** Statements of a turn, which add to the sum of `depth`. */
  turn(depth: number): string;
}

/**
 * Makes a loop in blocks.
 *
 * @param fanIns How many blocks or turns a block takes in, the outermost first.
 */
export function blockedLoop(counter: Counter, fanIns: readonly number[], text: BlockedText): string {
  const { at, by } = counter, depth = fanIns.length;
  const level = (d: number, end: string): string => {
    if (d === depth) return `for (; ${at} < ${end}; ${at} += ${by}) { ${text.turn(d)} }`;
    const turns = fanIns.slice(d).reduce((a, b) => a * b, 1), inner = `${at}_end${d + 1}`;
    return `for (; ${at} < ${end};) {
    ${text.begin(d + 1)}
    let ${inner} = min(${at} + ${turns}u * ${by}, ${end});
    ${level(d + 1, inner)}
    ${text.end(d + 1)}
  }`;
  };
  return level(0, counter.end);
}

/** Statements that add the terms of a loop to the variable `name` of a type such as `f32`, in blocks. */
export function blockedSum(
  counter: Counter,
  fanIns: readonly number[],
  { name, type, turn }: {
    readonly name: string;
    readonly type: string;
    /** Statements of a turn, which add to the variable `sum`. */
    turn(sum: string): string;
  },
): string {
  const at = (depth: number) => depth === 0 ? name : `${name}_${depth}`;
  return blockedLoop(counter, fanIns, {
    begin: (depth) => `var ${at(depth)} = ${type}(0.0);`,
    end: (depth) => `${at(depth - 1)} += ${at(depth)};`,
    turn: (depth) => turn(at(depth)),
  });
}

/** How many turns of all loops a blocked loop takes for one turn, at most: a block has one more, and one that leaves it. */
export function turnsPerTurn(fanIns: readonly number[]): number {
  let turns = 1, blocks = 1;
  for (const fanIn of fanIns.toReversed()) turns += 2 * (blocks /= fanIn);
  return turns;
}
