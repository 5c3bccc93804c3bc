// Copies the part of the oracle that the tests must always have into tests/fixtures/oracle.
// deno run -A tests/reference/copy_fixtures.ts ../shared/oracle
import { fromFileUrl, join } from "@std/path";

const [folder] = Deno.args;
const target = fromFileUrl(new URL("../fixtures/oracle", import.meta.url));
/** Cases of an operation that are copied: its smallest, spread over its list. */
const PER_OPERATION = 6;
/** The training runs that are copied. */
const MODELS = [
  "lenet-sigmoid-avgpool",
  "lenet-sigmoid-maxpool",
  "lenet3-relu-slow",
  "lenet3-leakyrelu-slow",
  "lenet3-relu-10-20-40-slow",
  "lenet-batchnorm",
  "residual-16-32",
  "deep-512-256",
];

interface Case {
  op: string;
  big?: boolean;
}

function read(name: string) {
  return JSON.parse(Deno.readTextFileSync(join(folder, name)));
}

function write(name: string, value: unknown): void {
  Deno.mkdirSync(target, { recursive: true });
  Deno.writeTextFileSync(join(target, name), JSON.stringify(value) + "\n");
}

const oracle = read("oracle.json");
const chosen = Object.values(Object.groupBy(oracle.cases as Case[], (c) => c.op)).flatMap((cases) => {
  const small = cases!.filter((c) => !c.big && JSON.stringify(c).length < 4000);
  const every = Math.max(1, Math.ceil(small.length / PER_OPERATION));
  return small.filter((_, i) => i % every === 0);
});
write("oracle.json", { ...oracle, cases: chosen });

const trajectories = read("trajectories.json");
const models = (trajectories.models as { id: string }[]).filter(({ id }) => MODELS.includes(id));
write("trajectories.json", { ...trajectories, models });

for (const name of ["lenet_fashion_mnist", "lenet_bn_fashion_mnist"]) {
  for (const extension of ["json", "safetensors"]) {
    Deno.copyFileSync(join(folder, `${name}.${extension}`), join(target, `${name}.${extension}`));
    Deno.chmodSync(join(target, `${name}.${extension}`), 0o644); // the oracle may be read-only
  }
}
