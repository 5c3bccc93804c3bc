// A user imports one file of the library rather than mod.ts: its tensors have their methods.
import { assertEquals } from "@std/assert";
import { importsOf, modulesIn, readSource, resolve } from "./support/imports.ts";
import { ROOT, runScript } from "./support/subprocess.ts";

/** Runs a script that imports files by path and prints a line. */
async function printed(imports: string, body: string): Promise<string> {
  const script = imports.replaceAll(/"\/([\w/]+\.ts)"/g, (_, path) => `"file://${ROOT}${path}"`) +
    `\nimport { openDevice } from "file://${ROOT}ops/gpu/device.ts";\nawait openDevice();\n${body}`;
  const { code, stdout, stderr } = await runScript(script, {
    args: ["--no-config", "--quiet", "--check", "--allow-read"],
    env: { XDG_RUNTIME_DIR: "/tmp" },
  });
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim();
}

Deno.test("a layer's file alone gives tensors with their methods", async () => {
  const imports =
    'import { Linear } from "/nn/layers/linear.ts";\nimport { ones } from "/ops/core/tensor/create.ts";';
  const body = "console.log((await new Linear(3, 2).forward(ones([4, 3])).relu().sum().item()) >= 0);";
  assertEquals(await printed(imports, body), "true");
});

Deno.test("an optimiser's file alone gives tensors with their methods", async () => {
  const imports =
    'import { SGD } from "/nn/optim/sgd.ts";\nimport { tensor } from "/ops/core/tensor/create.ts";';
  const body = `const w = tensor([1, 2], { requiresGrad: true }), opt = new SGD([w], { lr: 0.5 });
w.mul(w).sum().backward();
opt.step();
console.log(await w.toArray());`;
  assertEquals(await printed(imports, body), "[ 0, 0 ]");
});

Deno.test("a data loader's file alone gives tensors with their methods", async () => {
  const imports = `import { DataLoader } from "/data/data_loader.ts";
import { TensorDataset } from "/data/tensor_dataset.ts";
import { ones } from "/ops/core/tensor/create.ts";`;
  const body =
    "for (const [x] of new DataLoader(new TensorDataset(ones([2, 3])))) console.log(await x.sum().item());";
  assertEquals(await printed(imports, body), "3\n3");
});

Deno.test("an operation's file alone gives its function, and ops/methods.ts the methods", async () => {
  const imports =
    'import { relu } from "/ops/activation/relu.ts";\nimport { tensor } from "/ops/core/tensor/create.ts";';
  assertEquals(await printed(imports, "console.log(await relu(tensor([-1, 2])).toArray());"), "[ 0, 2 ]");
  const body = "console.log(await relu(tensor([-1, 2])).mul(2).toArray());";
  assertEquals(await printed(`${imports}\nimport "/ops/methods.ts";`, body), "[ 0, 4 ]");
});

Deno.test("every file of nn and data that loads the tensor loads its methods too", async () => {
  const closures = new Map<string, Set<string>>();
  const reached = async (path: string, found = new Set<string>()): Promise<Set<string>> => {
    if (found.has(path)) return found;
    found.add(path);
    for (const { specifier, isType } of importsOf(await readSource(path))) {
      if (!isType) await reached(resolve(path, specifier), found);
    }
    return found;
  };
  for (const path of [...await modulesIn("nn"), ...await modulesIn("data")]) {
    closures.set(path, await reached(path));
  }
  const without = [...closures].filter(([path, all]) =>
    !/(?:^|\/)_/.test(path) && all.has("ops/core/tensor/tensor.ts") && !all.has("ops/methods.ts")
  );
  assertEquals(without.map(([path]) => path), []);
});
