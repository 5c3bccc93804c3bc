/**
 * What the instructions of a kernel tell: the block that does the work, the loop around it, and how wide it loads.
 *
 * @module
 */

/** What a kernel's instructions are, by kind. */
export interface Counts {
  readonly instructions: number;
  readonly multiplyAdds: number;
  /** Bytes that an invocation loads from global memory, and reads from workgroup memory. */
  readonly loaded: number;
  readonly readShared: number;
  /** How many loads from global memory there are of each width, in bytes. */
  readonly widths: Readonly<Record<number, number>>;
}

/** A kernel's instructions where they do the work. */
export interface Assembly {
  /** The block with the most multiply-adds. */
  readonly hot: Counts;
  /** The innermost loop around it, or the whole kernel where there is none. */
  readonly loop: Counts;
}

/** Instructions without a jump in or out, and the blocks that they jump to. */
interface Block {
  readonly lines: readonly string[];
  readonly targets: readonly number[];
}

const MULTIPLY_ADD = /^v_(?:pk_)?(?:fma|fmac|fmaak|fmamk|mad|mac)_/;
const LOAD = /^(?:buffer|global|flat)_load_dword(?:x([234]))?\b/;
const READ = /^ds_read(2(?:st64)?)?_b(32|64|96|128)\b/;

/** Takes the text of RADV's compiler apart: a line an instruction, a label a block. */
export function readAssembly(text: string): Assembly {
  const blocks = blocksOf(text);
  const hot = blocks.map(multiplyAdds).reduce((best, n, i, all) => n > all[best] ? i : best, 0);
  const { first, last } = loopAround(blocks, hot);
  return {
    hot: count(blocks[hot]?.lines ?? []),
    loop: count(blocks.slice(first, last + 1).flatMap(({ lines }) => lines)),
  };
}

function blocksOf(text: string): Block[] {
  const numbers = new Map<string, number>(), parts = text.split(/^BB(\d+):/m);
  for (let i = 1; i < parts.length; i += 2) numbers.set(parts[i], (i - 1) / 2);
  return parts.filter((_, i) => i > 0 && i % 2 === 0).map((part) => {
    const lines = part.split("\n").filter((line) => /^\t[a-z]/.test(line)).map((line) => line.trim());
    const targets = lines.flatMap((line) => {
      const to = /^s_c?branch\w*\s+BB(\d+)/.exec(line);
      return to && numbers.has(to[1]) ? [numbers.get(to[1])!] : [];
    });
    return { lines, targets };
  });
}

function multiplyAdds({ lines }: Block): number {
  return lines.filter((line) => MULTIPLY_ADD.test(line)).length;
}

/** The shortest stretch of blocks around `hot` whose end jumps back to its start. */
function loopAround(blocks: readonly Block[], hot: number): { first: number; last: number } {
  const loops = blocks.flatMap(({ targets }, last) =>
    targets.filter((first) => first <= hot && hot <= last).map((first) => ({ first, last }))
  );
  const length = ({ first, last }: { first: number; last: number }) => last - first;
  return loops.sort((a, b) => length(a) - length(b))[0] ?? { first: 0, last: blocks.length - 1 };
}

function count(lines: readonly string[]): Counts {
  const widths: Record<number, number> = {};
  let loaded = 0, readShared = 0;
  for (const line of lines) {
    const load = LOAD.exec(line), read = READ.exec(line);
    if (load) {
      const bytes = 4 * Number(load[1] ?? 1);
      widths[bytes] = (widths[bytes] ?? 0) + 1;
      loaded += bytes;
    }
    if (read) readShared += Number(read[2]) / 8 * (read[1] ? 2 : 1);
  }
  const multiplyAdds = lines.filter((line) => MULTIPLY_ADD.test(line)).length;
  return { instructions: lines.length, multiplyAdds, loaded, readShared, widths };
}
