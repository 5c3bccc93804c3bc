/**
 * A reader of TensorBoard's files that shares nothing with the writer: written from the descriptions of TFRecord, of the wire
 * format of Protocol Buffers, and of event.proto and summary.proto. As TensorBoard does it leaves out a torn last record, and
 * what a file has from the step on at which a later session began.
 *
 * @module
 */

/** CRC-32C bit by bit. */
export function slowCrc32c(bytes: Uint8Array): bigint {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc % 2n === 1n ? crc / 2n ^ 0x82f63b78n : crc / 2n;
  }
  return crc ^ 0xffffffffn;
}

function slowMask(bytes: Uint8Array): bigint {
  const crc = slowCrc32c(bytes);
  return ((crc / 0x8000n + crc * 0x20000n) % 0x100000000n + 0xa282ead8n) % 0x100000000n;
}

/** The messages of the whole records, and whether a torn one stands behind them. Throws where a checksum is wrong. */
export function readRecords(bytes: Uint8Array): { messages: Uint8Array[]; isTorn: boolean } {
  const messages: Uint8Array[] = [], view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at < bytes.length) {
    if (at + 12 > bytes.length) return { messages, isTorn: true };
    const length = Number(view.getBigUint64(at, true)), head = bytes.slice(at, at + 8);
    if (BigInt(view.getUint32(at + 8, true)) !== slowMask(head)) {
      throw new Error(`length at ${at} is damaged`);
    }
    if (at + 16 + length > bytes.length) return { messages, isTorn: true };
    const message = bytes.slice(at + 12, at + 12 + length);
    if (BigInt(view.getUint32(at + 12 + length, true)) !== slowMask(message)) {
      throw new Error(`record at ${at} is damaged`);
    }
    messages.push(message);
    at += 16 + length;
  }
  return { messages, isTorn: false };
}

type Value = bigint | Uint8Array;
/** The fields of a message, in order: numbers as they are, all else as bytes. */
export function fieldsOf(message: Uint8Array): [field: number, value: Value][] {
  const fields: [number, Value][] = [];
  let at = 0;
  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error("a number ends behind its message");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  function bytes(length: number): Uint8Array {
    if (at + length > message.length) throw new Error("a field ends behind its message");
    return message.slice(at, at += length);
  }
  while (at < message.length) {
    const key = Number(varint()), field = key >> 3, wire = key & 7;
    if (wire === 0) fields.push([field, varint()]);
    else if (wire === 1) fields.push([field, bytes(8)]);
    else if (wire === 2) fields.push([field, bytes(Number(varint()))]);
    else if (wire === 5) fields.push([field, bytes(4)]);
    else throw new Error(`wire type ${wire}`);
  }
  return fields;
}

const textOf = (bytes: Value) => new TextDecoder().decode(bytes as Uint8Array);
const viewOf = (bytes: Value) => new DataView((bytes as Uint8Array).slice().buffer);
const float = (bytes: Value) => viewOf(bytes).getFloat32(0, true);
const double = (bytes: Value, i = 0) => viewOf(bytes).getFloat64(8 * i, true);
const doubles = (bytes: Value) =>
  Array.from({ length: (bytes as Uint8Array).length / 8 }, (_, i) => double(bytes, i));

/** A histogram. */
export interface Histogram {
  numbers: number[];
  limits: number[];
  counts: number[];
}

/** Something under a tag. */
export interface Summary {
  step: number;
  tag: string;
  scalar?: number;
  image?: { height: number; width: number; png: Uint8Array };
  histogram?: Histogram;
}

/** An event. */
export interface Event {
  time: number;
  step: number;
  version?: string;
  start: boolean;
  summaries: Summary[];
}

function summaryOf(step: number, message: Uint8Array): Summary {
  const summary: Summary = { step, tag: "" };
  for (const [field, value] of fieldsOf(message)) {
    if (field === 1) summary.tag = textOf(value);
    else if (field === 2) summary.scalar = float(value);
    else if (field === 4) {
      const parts = new Map(fieldsOf(value as Uint8Array));
      if (parts.get(3) !== 3n) throw new Error("a picture must be in colours");
      const png = parts.get(4) as Uint8Array;
      summary.image = { height: Number(parts.get(1)), width: Number(parts.get(2)), png };
    } else if (field === 5) {
      const parts = new Map(fieldsOf(value as Uint8Array));
      const numbers = [1, 2, 3, 4, 5].map((i) => double(parts.get(i)!));
      summary.histogram = { numbers, limits: doubles(parts.get(6)!), counts: doubles(parts.get(7)!) };
    } else throw new Error(`field ${field} of a summary`);
  }
  return summary;
}

/** What an event says. */
export function eventOf(message: Uint8Array): Event {
  const fields = fieldsOf(message), parts = new Map(fields), step = Number(parts.get(2) ?? 0n);
  const event: Event = { time: double(parts.get(1)!), step, start: false, summaries: [] };
  for (const [field, value] of fields) {
    if (field === 3) event.version = textOf(value);
    else if (field === 5) {
      event.summaries.push(
        ...fieldsOf(value as Uint8Array).map(([, one]) => summaryOf(step, one as Uint8Array)),
      );
    } else if (field === 7) event.start = new Map(fieldsOf(value as Uint8Array)).get(1) === 1n;
    else if (field > 2) throw new Error(`field ${field} of an event`);
  }
  return event;
}

/** What TensorBoard would show of a folder. */
export async function readRun(
  folder: string,
): Promise<{ summaries: Summary[]; files: number; torn: number }> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
    .filter((name) => name.startsWith("events.out.tfevents.")).sort();
  let summaries: Summary[] = [], torn = 0;
  for (const name of names) {
    const { messages, isTorn } = readRecords(await Deno.readFile(`${folder}/${name}`));
    if (isTorn) torn++;
    messages.map(eventOf).forEach((event, i) => {
      if (i === 0 && event.version !== "brain.Event:2") throw new Error(`${name} has no version`);
      if (event.start) summaries = summaries.filter(({ step }) => step < event.step);
      summaries.push(...event.summaries);
    });
  }
  return { summaries, files: names.length, torn };
}
