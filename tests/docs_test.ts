// docs/pytorch.md names what there is, and every export has an example.
import { assert, assertEquals } from "@std/assert";
import * as library from "../mod.ts";
import * as distributed from "../nn/distributed/mod.ts";
import { documentation, exportsOf, isExplained, namesIn, NAMESPACES } from "./support/documentation.ts";
import { ROOT } from "./support/subprocess.ts";

const { DataLoader, nn, ones, openDevice, optim, TensorDataset } = library;

/** The code spans in the column `Plunge` of each table of a page. */
function claimsOf(page: string): string[] {
  let column = -1;
  return page.split("\n").flatMap((line) => {
    if (!line.startsWith("|")) {
      column = -1;
      return [];
    }
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (column < 0) {
      column = cells.indexOf("Plunge");
      assert(column > 0, `a table of the page must have a column Plunge: ${line}`);
      return [];
    }
    return [...cells[column].matchAll(/`([^`]+)`/g)].map((match) => match[1]);
  });
}

/** The path that a claim begins with: `optim.SGD` in `new optim.SGD(params, { lr })`. */
function pathOf(claim: string): string {
  return claim.match(/^(?:new )?([\w.]+)/)![1];
}

/** The names in the options of a claim. */
function optionsOf(claim: string): string[] {
  return [...claim.matchAll(/\{([^{}]*)\}/g)].flatMap((match) =>
    match[1].split(",").map((option) => option.split(":")[0].trim())
  );
}

/** Objects of the kinds that the page gives names to. */
async function receivers(): Promise<Record<string, unknown>> {
  const device = await openDevice(), t = ones([2], { requiresGrad: true });
  const opt = new optim.SGD([t]);
  return {
    t,
    device,
    opt,
    net: new nn.Sequential(),
    schedule: new optim.lrScheduler.ExponentialLR(opt, { gamma: 1 }),
    loader: new DataLoader(new TensorDataset(ones([2]))),
    inner: library.Scope.prototype,
  };
}

/** Whether a path leads from the exports, or from an object of the page, to something. */
function exists(path: string, roots: Record<string, unknown>): boolean {
  let at: unknown = roots;
  for (const name of path.split(".")) {
    if (at === null || at === undefined || !(name in Object(at))) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return true;
}

const claims = claimsOf(await Deno.readTextFile(`${ROOT}docs/pytorch.md`));

Deno.test("docs/pytorch.md names every export", () => {
  const values = [...exportsOf().values, ...exportsOf(distributed).values], named = claims.map(pathOf);
  assertEquals(values.filter((path) => !named.some((n) => n === path || n.startsWith(`${path}.`))), []);
});

Deno.test("docs/pytorch.md claims no name that does not exist", async () => {
  const roots = { ...library, ...distributed, ...await receivers() };
  assertEquals(claims.filter((claim) => !exists(pathOf(claim), roots)), []);
});

Deno.test("docs/pytorch.md claims no option that does not exist", async () => {
  const known = namesIn(await documentation());
  assertEquals(claims.filter((claim) => optionsOf(claim).some((option) => !known.has(option))), []);
  assertEquals(optionsOf("sum(x, { dim: 1, keepdim }).max({ dim })"), ["dim", "keepdim", "dim"]);
});

Deno.test("every exported function and class has an example", async () => {
  const { values, namespaces } = exportsOf(), doc = await documentation();
  assertEquals(namespaces.toSorted(), Object.keys(NAMESPACES).toSorted());
  assert(values.length > 150, `${values.length} exports are too few to have been found`);
  assertEquals(values.filter((path) => !isExplained(doc, path)), []);
});

Deno.test("claimsOf() reads the column Plunge, and exists() follows paths", () => {
  const page = "| PyTorch | Plunge |\n| --- | --- |\n| `a` | `new nn.ReLU()`, `b` or c |\n\ntext `d`\n";
  assertEquals(claimsOf(page), ["new nn.ReLU()", "b"]);
  assertEquals(claimsOf(page).map((claim) => exists(pathOf(claim), { ...library })), [true, false]);
  assertEquals(exists("FashionMNIST.load", { ...library }), true);
  assertEquals(exists("FashionMNIST.save", { ...library }), false);
});
