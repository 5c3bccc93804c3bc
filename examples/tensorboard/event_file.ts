/**
 * A file of events as TensorBoard reads it: records with checksums around messages, each written at once, so that a process
 * which is killed leaves all but perhaps the last whole, and readers leave out one that is torn.
 *
 * A record is the length in 8 bytes, the masked CRC-32C of those, the message, and the masked CRC-32C of it. The messages are
 * those of tensorboard/compat/proto/event.proto.
 *
 * @module
 */
import { join } from "node:path";
import { Message } from "../../ops/core/protobuf.ts";
import { maskedCrc32c } from "./crc32c.ts";

/** The names of such files. */
export const EVENT_FILES = /^events\.out\.tfevents\./;

/** Puts a message into a record. */
export function record(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + 16), view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(message, 12);
  view.setUint32(12 + message.length, maskedCrc32c(message), true);
  return bytes;
}

/** The number of a step at which a run begins or goes on; what other files have from there on counts no more. */
const START = 1;

/** A file of events that grows. */
export class EventFile {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Begins a new file in a folder.
   *
   * @param folder The folder.
   * @param start The step from which the run goes on, if it does: of what earlier files have, readers keep what lies before.
   * @returns The file. Throws the system's error where it cannot be written.
   */
  static open(folder: string, start?: number): EventFile {
    const seconds = Math.floor(Date.now() / 1000);
    for (let n = 0;; n++) {
      const path = join(folder, `events.out.tfevents.${seconds}.plunge.${Deno.pid}.${n}`);
      try {
        const events = new EventFile(Deno.openSync(path, { write: true, createNew: true }));
        events.#write(new Message().add(3, "brain.Event:2"), 0);
        if (start !== undefined) events.#write(new Message().add(7, new Message().add(1, START)), start);
        return events;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  }

  /** Writes what there is at a step, and has it on the disk. */
  write(step: number, summaries: readonly Message[]): void {
    this.#write(new Message().add(5, new Message().add(1, ...summaries)), step);
    this.#file.syncDataSync();
  }

  /** Writes an event that holds something, at a step. */
  #write(what: Message, step: number): void {
    const event = new Message().addDouble(1, Date.now() / 1000).add(2, step).append(what);
    let bytes = record(event.bytes());
    while (bytes.length > 0) bytes = bytes.subarray(this.#file.writeSync(bytes));
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
