/**
 * Writing Protocol Buffers, as far as ONNX and TensorBoard need them: https://protobuf.dev/programming-guides/encoding.
 *
 * @module
 */

/** What a field may hold: a whole number, a text, bytes, or another message. */
type Field = number | bigint | string | Uint8Array | Message;

const utf8 = new TextEncoder();

/** Seven bits a byte, the lowest first; negative numbers have ten bytes. */
function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

/** A message that is being written. Its parts are joined once, when it is whole. */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Bytes that it takes. */
  get length(): number {
    return this.#length;
  }

  #write(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  /** Adds fields of one number, one for each value. */
  add(field: number, ...values: readonly Field[]): this {
    for (const value of values) {
      if (typeof value === "number" || typeof value === "bigint") {
        this.#write(Uint8Array.from([...varint(field << 3), ...varint(value)]));
        continue;
      }
      const content = typeof value === "string" ? utf8.encode(value) : value;
      this.#write(Uint8Array.from([...varint(field << 3 | 2), ...varint(content.length)]));
      if (content instanceof Message) content.#parts.forEach((part) => this.#write(part));
      else this.#write(content);
    }
    return this;
  }

  /** Adds the fields of another message. */
  append(other: Message): this {
    for (const part of other.#parts) this.#write(part);
    return this;
  }

  /** Adds a field of a float32. */
  addFloat(field: number, value: number): this {
    const bytes = new Uint8Array([...varint(field << 3 | 5), 0, 0, 0, 0]);
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
    this.#write(bytes);
    return this;
  }

  /** Adds a field of a float64. */
  addDouble(field: number, value: number): this {
    this.#write(Uint8Array.from([...varint(field << 3 | 1), ...littleEndian([value])]));
    return this;
  }

  /** Adds a repeated field of float64, packed as version 3 has them. */
  addDoubles(field: number, values: readonly number[]): this {
    return this.add(field, littleEndian(values));
  }

  /** The message's bytes. */
  bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** The bytes of float64 numbers. */
function littleEndian(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length), view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setFloat64(8 * i, value, true));
  return bytes;
}
