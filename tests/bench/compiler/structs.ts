/**
 * Structs of C in memory, for calls of a library.
 *
 * @module
 */

/** A member of a struct, as large as it is aligned; a struct within is given by its bytes, which begin at a multiple of eight. */
export type Member =
  | { readonly u32: number }
  | { readonly u64: bigint }
  | { readonly pointer: Uint8Array | null }
  | { readonly bytes: Uint8Array };

/** What pointers in structs point to: the collector cannot see them, and a process compiles little. */
const pointedAt: Uint8Array[] = [];

/** The address of bytes, which are kept from then on. */
export function addressOf(bytes: Uint8Array): bigint {
  pointedAt.push(bytes);
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>));
}

/** A struct of these members. */
export function struct(...members: readonly Member[]): Uint8Array<ArrayBuffer> {
  const places: number[] = [];
  let end = 0;
  for (const member of members) {
    const size = "u32" in member ? 4 : "bytes" in member ? member.bytes.length : 8;
    const align = "u32" in member ? 4 : 8;
    places.push(end = Math.ceil(end / align) * align);
    end += size;
  }
  const bytes = new Uint8Array(Math.ceil(end / 8) * 8), view = new DataView(bytes.buffer);
  members.forEach((member, i) => {
    if ("u32" in member) view.setUint32(places[i], member.u32, true);
    else if ("u64" in member) view.setBigUint64(places[i], member.u64, true);
    else if ("bytes" in member) bytes.set(member.bytes, places[i]);
    else if (member.pointer) view.setBigUint64(places[i], addressOf(member.pointer), true);
  });
  return bytes;
}

/** Structs one after the other. */
export function array(items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(items.reduce((sum, item) => sum + item.length, 0));
  let at = 0;
  for (const item of items) {
    bytes.set(item, at);
    at += item.length;
  }
  return bytes;
}

/** A text as C has it. */
export function cText(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** The text that begins at an offset. */
export function textAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return new TextDecoder().decode(bytes.subarray(at, end < 0 ? bytes.length : end));
}
