/**
 * Programs as text that can be pasted into a file at the top of the repository and run.
 *
 * @module
 */
import {
  type Arg,
  type Layer,
  type Leaf,
  lossSeed,
  METHODS,
  outputsOf,
  type Program,
  Ref,
  type Step,
} from "./program.ts";

function textOf(arg: Arg): string {
  if (arg instanceof Ref) return arg.name;
  if (Array.isArray(arg)) return `[${arg.map(textOf).join(", ")}]`;
  if (typeof arg !== "object" || arg === null) {
    return typeof arg === "number" ? String(arg) : JSON.stringify(arg);
  }
  return `{ ${Object.entries(arg).map(([k, v]) => `${k}: ${textOf(v)}`).join(", ")} }`;
}

function leafText({ name, shape, ...options }: Leaf): string {
  return `const ${name} = leaf(${textOf(shape)}, ${textOf(options as unknown as Arg)});`;
}

function layerText({ name, kind, args, training, seed }: Layer): string {
  const made = `new nn.${kind}(${args.map(textOf).join(", ")})`;
  return `const ${name} = layer(${made}, { training: ${training}, seed: ${seed} });`;
}

function stepText({ names, result, fn, layer, args }: Step): string {
  const [self, ...rest] = args.map(textOf);
  const call = layer
    ? `${layer}.forward(${[self, ...rest].join(", ")})`
    : METHODS.has(fn)
    ? `${self}.${fn}(${rest.join(", ")})`
    : `${fn}(${[self, ...rest].join(", ")})`;
  if (result === "none") return `${call};`;
  if (result === "list") return `const [${names.join(", ")}] = Object.values(${call});`;
  return `const ${result === "pair" ? `{ values: ${names[0]}, indices: ${names[1]} }` : names[0]} = ${call};`;
}

/** What of the program goes into the loss; the reference knows where gradients flow. */
export interface Shown {
  readonly lossNames: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** How it is run: a step that is compiled, or not. */
  readonly compiled: boolean;
  /** Options of the device. */
  readonly device: string;
  /** What is shown in the end. */
  readonly wanted: string;
}

/** The text of a program. */
export function printProgram(
  program: Program,
  { lossNames, shapes, compiled, device, wanted }: Shown,
): string {
  const body = program.steps.map(stepText), outputs = outputsOf(program);
  const parts = lossNames.map((n) =>
    `${n}.mul(leaf(${textOf([...shapes.get(n)!])}, { seed: ${lossSeed(n)} })).sum()`
  );
  if (parts.length > 0) body.push(`${parts.reduce((a, b) => `${a}.add(${b})`)}.backward();`);
  const called = new Set(program.steps.filter((s) => !s.layer && !METHODS.has(s.fn)).map((s) => s.fn));
  const names = [...called, "openDevice", "manualSeed", ...(compiled ? ["compile"] : [])];
  if (program.layers.length > 0) names.push("nn");
  const helpers = ["leaf", ...(program.layers.length > 0 ? ["layer"] : [])];
  const run = compiled
    ? [
      `const step = compile(() => {`,
      ...body.map((l) => `  ${l}`),
      `  return [${outputs.join(", ")}];`,
      `});`,
      `manualSeed(${program.seed});`,
      `const [${outputs.join(", ")}] = step();`,
    ]
    : [`manualSeed(${program.seed});`, ...body];
  return [
    `import { ${names.toSorted().join(", ")} } from "./mod.ts";`,
    `import { ${helpers.join(", ")} } from "./tests/support/programs/leaf.ts";`,
    `await openDevice(${device});`,
    ...program.leaves.map(leafText),
    ...program.layers.map(layerText),
    ...run,
    `console.log(await ${wanted.replace(/(grad|running\w+)$/, "$1!")}.data());`,
  ].join("\n");
}
