/**
 * What asks the process to end, and keys: Ctrl-C, SIGTERM, and single keys while something is shown.
 *
 * Keys need the terminal in another mode, without lines and echo. It is in that mode only while Ctrl-C and SIGTERM are heard
 * here, so that whatever ends the process finds it as it was.
 *
 * @module
 */
import { Keyboard } from "./keyboard.ts";

/** What asks a process to end, and can be heard. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The exit codes that shells give to what a signal ended. */
export const EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

let interrupted: (() => void) | null = null; // what a screen does at Ctrl-C before the process ends
let stopping: ((signal: StopSignal) => void) | null = null; // what takes the first signal in place of the end
let isLeftToSystem = false; // after that one, so that a second ends the process at once
let wasAsked = false; // to end, by a signal that was taken
let keyboard: Keyboard | null = null; // what takes keys, while signals are heard
const heard = new Map<StopSignal, () => void>(); // the listeners that stand

/** Whether a signal was taken, after which the process goes on until it has saved. */
export function wasAskedToEnd(): boolean {
  return wasAsked;
}

/** Has Ctrl-C do something before the process ends; null leaves it to the system. */
export function setInterrupted(end: (() => void) | null): void {
  interrupted = end;
  listen();
}

/**
 * Has the first Ctrl-C or SIGTERM call a function; a second one ends the process at once.
 *
 * @param stop The function; null leaves the signals to the screen and the system again.
 */
export function onStop(stop: ((signal: StopSignal) => void) | null): void {
  stopping = stop;
  isLeftToSystem = false;
  listen();
}

/**
 * Has each key call a function while Ctrl-C is heard, as it is while a screen shows something.
 *
 * @param take The function; null leaves the keys to the terminal again.
 */
export function onKeys(take: ((key: string) => void) | null): void {
  keyboard?.[Symbol.dispose]();
  keyboard = take && new Keyboard(take);
  listen();
}

globalThis.addEventListener("unload", () => keyboard?.setOn(false)); // however the process ends by itself

/** Listens to those signals that somebody waits for. */
function listen(): void {
  const isStopped = stopping !== null, isHeard = !isLeftToSystem && (isStopped || interrupted !== null);
  const hasKeys = keyboard !== null && isHeard;
  if (!hasKeys) keyboard?.setOn(false);
  hear("SIGINT", isHeard);
  hear("SIGTERM", (isStopped || hasKeys) && Deno.build.os !== "windows"); // which has no such signal
  if (hasKeys) keyboard?.setOn(true);
}

function hear(signal: StopSignal, isWanted: boolean): void {
  const listener = heard.get(signal);
  if (isWanted === (listener !== undefined)) return;
  if (listener) {
    Deno.removeSignalListener(signal, listener);
    heard.delete(signal);
  } else {
    heard.set(signal, () => take(signal));
    Deno.addSignalListener(signal, heard.get(signal)!);
  }
}

function take(signal: StopSignal): void {
  if (stopping) {
    const stop = stopping;
    stopping = null;
    isLeftToSystem = wasAsked = true;
    listen();
    stop(signal);
    return;
  }
  keyboard?.setOn(false);
  interrupted?.();
  Deno.exit(EXIT_CODES[signal]);
}
