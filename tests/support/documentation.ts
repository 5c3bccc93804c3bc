/**
 * What the library exports, at run time and according to `deno doc`.
 *
 * @module
 */
import * as library from "../../mod.ts";
import { ROOT } from "./subprocess.ts";

/** The module behind each namespace; `mod.ts` itself has none. */
export const NAMESPACES: Readonly<Record<string, string>> = {
  "": "mod.ts",
  nn: "nn/mod.ts",
  "nn.init": "nn/init.ts",
  "nn.utils": "nn/utils.ts",
  optim: "nn/optim/mod.ts",
  "optim.lrScheduler": "nn/optim/lr_scheduler/mod.ts",
  "optim.swaUtils": "nn/optim/swa_utils.ts",
  transforms: "data/transforms/mod.ts",
};

function isNamespace(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Module]";
}

/** Every export with its path, such as `nn.init.uniform`; namespaces are listed apart from what is in them. */
export function exportsOf(
  module: Record<string, unknown> = library,
  path = "",
): { values: string[]; namespaces: string[] } {
  const found = { values: [] as string[], namespaces: [path] };
  for (const [name, value] of Object.entries(module)) {
    const full = path === "" ? name : `${path}.${name}`;
    if (!isNamespace(value)) found.values.push(full);
    else {
      const inner = exportsOf(value, full);
      found.values.push(...inner.values);
      found.namespaces.push(...inner.namespaces);
    }
  }
  return found;
}

/** A documentation comment in the output of `deno doc --json`. */
interface Comment {
  tags?: { kind: string }[];
}

interface Place {
  filename: string;
  line: number;
}

interface Declaration {
  location: Place;
  jsDoc?: Comment;
  /** Of a class its methods; of what another module declares where that is. */
  def?: { methods?: { isStatic: boolean; jsDoc?: Comment }[]; target?: Place };
}

/** The part of the output of `deno doc --json` that is of use here. */
export interface Documentation {
  nodes: Record<string, { symbols: { name: string; declarations: Declaration[] }[] }>;
}

/** Runs `deno doc --json` on the modules of all namespaces. */
export async function documentation(): Promise<Documentation> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...Object.values(NAMESPACES)],
    cwd: ROOT,
  }).output();
  if (!output.success) throw new Error(new TextDecoder().decode(output.stderr));
  return JSON.parse(new TextDecoder().decode(output.stdout));
}

function hasExample(comment: Comment | undefined): boolean {
  return comment?.tags?.some(({ kind }) => kind === "example") ?? false;
}

/** Whether an export has an example, in its own comment or that of a static method that makes it. */
export function isExplained(doc: Documentation, path: string): boolean {
  const end = path.lastIndexOf("."), file = NAMESPACES[path.slice(0, Math.max(end, 0))];
  const [, module] = Object.entries(doc.nodes).find(([url]) => url.endsWith(`/${file}`))!;
  const symbol = module.symbols.find(({ name }) => name === path.slice(end + 1));
  return (symbol?.declarations ?? []).flatMap((d) => resolve(doc, d)).some(({ jsDoc, def }) =>
    hasExample(jsDoc) || def?.methods?.some((method) => method.isStatic && hasExample(method.jsDoc))
  );
}

/** The declaration itself, or what it refers to. */
function resolve(doc: Documentation, declaration: Declaration): Declaration[] {
  const target = declaration.def?.target;
  if (!target) return [declaration];
  return Object.values(doc.nodes).flatMap(({ symbols }) => symbols).flatMap(({ declarations }) =>
    declarations
  )
    .filter(({ location }) => location.filename === target.filename && location.line === target.line);
}

/** Every name of a property or an argument in the documentation. */
export function namesIn(value: unknown, names: Set<string> = new Set()): Set<string> {
  if (typeof value !== "object" || value === null) return names;
  if ("name" in value && typeof value.name === "string") names.add(value.name);
  for (const inner of Object.values(value)) namesIn(inner, names);
  return names;
}
