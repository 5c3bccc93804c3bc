/**
 * What a script was given, which is another thing once it goes on with its run.
 *
 * @module
 */

let isGoingOn = false;

/** From now on the command line is that of a script that goes on with its run. */
export function goOn(): void {
  isGoingOn = true;
}

/** The words that the script was given. */
export function commandLine(): readonly string[] {
  return isGoingOn ? [...Deno.args.filter((arg) => arg !== "--overwrite"), "--resume"] : Deno.args;
}
