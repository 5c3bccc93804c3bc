/**
 * What a script was given, which is another thing once it goes on with its run.
 *
 * @module
 */

let isGoingOn = false;

/** From now on the script has the arguments that go on with its run. */
export function goOn(): void {
  isGoingOn = true;
}

/** The arguments of the script. */
export function scriptArgs(): readonly string[] {
  return isGoingOn ? resuming(Deno.args) : Deno.args;
}

/** The arguments that go on with a run which began with others. */
export function resuming(args: readonly string[]): string[] {
  return [...args.filter((arg) => arg !== "--resume" && arg !== "--overwrite"), "--resume"];
}
