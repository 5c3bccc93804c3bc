/**
 * Reads what modules import, as text.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

/** The repository. */
const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** One import of a module. */
export interface Import {
  /** What stands between the quotation marks. */
  readonly specifier: string;
  /** Whether only types are imported, so that nothing is loaded. */
  readonly isType: boolean;
}

/** Every module that a source text names in `import`, `export … from`, `import()` or an import type. */
export function importsOf(source: string): Import[] {
  const code = source.replace(/\/\*\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found: Import[] = [];
  const statement =
    /^(?:import|export)\s+(type\s+)?((?:[\w$]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})?)\s*from\s*"([^"]+)"/gm;
  for (const [, type, names, specifier] of code.matchAll(statement)) {
    found.push({ specifier, isType: type !== undefined || areTypes(names) });
  }
  for (const [, specifier] of code.matchAll(/^import\s*"([^"]+)"/gm)) {
    found.push({ specifier, isType: false });
  }
  for (const [, type, specifier] of code.matchAll(/(\btypeof\s+)?\bimport\(\s*"([^"]+)"/g)) {
    found.push({ specifier, isType: type !== undefined });
  }
  return found;
}

/** Whether names in braces are types, each by its own word. */
function areTypes(names: string): boolean {
  const inner = /^\s*\{([^}]*)\}$/.exec(names)?.[1].replace(/\/\/.*$/gm, "");
  const each = inner?.split(",").map((name) => name.trim()).filter((name) => name !== "");
  return each !== undefined && each.length > 0 && each.every((name) => name.startsWith("type "));
}

/** The path in the repository that a relative specifier leads to. */
export function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///root/${from}`).pathname.replace(/^\/root\//, "");
}

/** Paths of all modules under a folder or of the file itself, relative to the repository, with forward slashes. */
export async function modulesIn(path: string): Promise<string[]> {
  if ((await Deno.stat(join(ROOT, path))).isFile) return [path];
  const entries = await Array.fromAsync(Deno.readDir(join(ROOT, path)));
  const modules = await Promise.all(
    entries.map(({ name, isDirectory }) =>
      isDirectory ? modulesIn(`${path}/${name}`) : name.endsWith(".ts") ? [`${path}/${name}`] : []
    ),
  );
  return modules.flat().sort();
}

/** Text of a file of the repository. */
export async function readSource(path: string): Promise<string> {
  return await Deno.readTextFile(join(ROOT, path));
}

/**
 * Groups of nodes that can be reached from one another along the arrows, each with more than one node (Tarjan, 1972).
 */
export function cycles(arrows: ReadonlyMap<string, Iterable<string>>): string[][] {
  const order = new Map<string, number>(), low = new Map<string, number>();
  const path: string[] = [], groups: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.get(node)!);
    path.push(node);
    for (const next of arrows.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (path.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== order.get(node)) return;
    const group = path.splice(path.indexOf(node));
    if (group.length > 1) groups.push(group.sort());
  };
  for (const node of arrows.keys()) if (!order.has(node)) visit(node);
  return groups.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}
