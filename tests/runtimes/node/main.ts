/**
 * Loads a module of tests in Node on the adapter of the npm package `webgpu`, runs them and prints what came of each.
 *
 * `node main.js FOLDER_OF_THE_PACKAGE MODULE`
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { messageOf, runRegistered, type TestOutcome } from "../registry.ts";

const [, , folder, module] = globalThis.process.argv;
const { create, globals } = await import(pathToFileURL(`${folder}/index.js`).href);
Object.assign(globalThis, globals);
const navigator = { gpu: create([]), hardwareConcurrency: 2 };
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true, writable: true });

const outcomes: TestOutcome[] = [];
let failure: string | undefined;
try {
  await import(pathToFileURL(module).href);
  await runRegistered((outcome) => outcomes.push(outcome));
} catch (error) {
  failure = messageOf(error);
}
globalThis.process.stdout.write(`\nOUTCOMES ${JSON.stringify({ outcomes, failure })}\n`, () => {
  globalThis.process.exit(0); // Dawn's threads would keep it
});
