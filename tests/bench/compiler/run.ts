// Shows what a GPU's own compiler makes of our kernels, on any Linux machine, without that GPU.
// deno task bench:compiler --help
import { fromFileUrl } from "@std/path";
import { openDevice } from "../../../mod.ts";
import { toolOptions as options } from "../../../examples/terminal/options.ts"; // the scripts' own, so that all read options alike
import { radvDriver } from "../../../scripts/compiler.ts";
import { markdownTable, percent, type Table, textTable } from "../tables.ts";
import { readAssembly } from "./assembly.ts";
import type { Source } from "./radv.ts";
import { recordDispatches, type Recorded, WORKS } from "./record.ts";
import { GPUS, reachable } from "./roofline.ts";
import type { Compiled } from "./vulkan.ts";

/** Compiles kernels for a family of AMD's GPUs, in a process of its own. */
export async function compileFor(family: string, sources: readonly Source[]): Promise<Compiled[]> {
  const driver = await radvDriver();
  if (driver === undefined) {
    throw new Error("Cannot compile for a GPU as Mesa's RADV must be installed: deno task setup --compiler");
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-lock", "-A", fromFileUrl(new URL("radv.ts", import.meta.url))],
    env: {
      RADV_FORCE_FAMILY: family,
      VK_ICD_FILENAMES: driver,
      VK_DRIVER_FILES: driver,
      MESA_SHADER_CACHE_DISABLE: "true",
    },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const [, { code, stdout }] = await Promise.all([
    new Blob([JSON.stringify(sources)]).stream().pipeTo(child.stdin),
    child.output(),
  ]);
  if (code !== 0) {
    throw new Error(`Cannot compile for ${family} as its compiler must succeed: exit code ${code}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A kernel as the compiler takes it. */
export function sourceOf({ dispatch: { kernel } }: Recorded): Source {
  const own = kernel.bindings.map((access) => access === "uniform" ? "u" as const : "s" as const);
  return { wgsl: kernel.wgsl, bindings: kernel.numberBytes > 0 ? [...own, "d"] : own };
}

/**
 * Shares are of multiply-adds among the instructions of the hot block and of the loop around it; loads of the loop are those
 * of 4, 8 and 16 bytes; shared is what a multiply-add reads from workgroup memory, in bytes; behind each GPU's name stands the share
 * of its roofline that is left.
 */
const HEAD = [
  "kernel",
  "times",
  "invocations",
  "registers",
  "waves",
  "scratch",
  "hot block",
  "loop",
  "loads",
  "shared",
  ...GPUS.map(({ name }) => name),
];

/** A row of the table for each kernel, the most work first. */
export function tableOf(recorded: readonly Recorded[], compiled: readonly Compiled[]): Table {
  const rows = recorded.map(({ name, dispatch, times }, i) => {
    const { statistics, assembly } = compiled[i], { hot, loop } = readAssembly(assembly);
    const demand = { flops: dispatch.flops, bytes: dispatch.bind.reduce((sum, b) => sum + b.bytes, 0) };
    const share = (part: typeof hot) =>
      part.instructions ? percent(part.multiplyAdds / part.instructions) : "";
    const size = Number(/workgroup_size\((\d+)/.exec(dispatch.kernel.wgsl)?.[1]);
    const cells = [
      name,
      `${times}`,
      `${dispatch.workgroups} x ${size}`,
      `${statistics["VGPRs"]}`,
      `${statistics["Subgroups per SIMD"]}`,
      `${statistics["Scratch size"]}`,
      share(hot),
      share(loop),
      [4, 8, 16].map((width) => loop.widths[width] ?? 0).join(" "),
      loop.multiplyAdds ? (loop.readShared / loop.multiplyAdds).toFixed(1) : "",
      ...GPUS.map((gpu) => {
        const reached = reachable(demand, loop, gpu);
        return reached === undefined ? "" : percent(reached);
      }),
    ];
    return { cells, flops: times * (dispatch.flops ?? 0) };
  });
  rows.sort((a, b) => b.flops - a.flops);
  return { head: HEAD, rows: rows.map(({ cells }) => cells) };
}

if (import.meta.main) {
  const args = options("Shows what AMD's compiler in Mesa makes of the kernels for GPUs, without a GPU.", {
    work: {
      help: "what is recorded, with commas between them",
      default: Object.keys(WORKS).join(","),
      choices: Object.keys(WORKS),
      several: true,
    },
    family: { help: "GPUs as Mesa names them, with commas between them", default: "navi21,vega10" },
    all: { help: "show kernels too whose operations nobody counts", flag: true },
    markdown: { help: "print tables for a page", flag: true },
    assembly: { help: "a folder for the texts and their instructions", folder: true },
  });
  const device = await openDevice({ kernels: "gpu", merging: false }); // each kernel by itself
  for (const work of args.work.split(",")) {
    const every = recordDispatches(device, WORKS[work]);
    const recorded = every.filter(({ dispatch }) => args.all || dispatch.flops !== undefined);
    for (const family of args.family.split(",")) {
      const compiled = await compileFor(family, recorded.map(sourceOf));
      const dispatches = every.reduce((sum, { times }) => sum + times, 0);
      console.log(`${args.markdown ? "### " : ""}${work}, ${dispatches} dispatches, on ${family}\n`);
      const table = tableOf(recorded, compiled);
      console.log(`${args.markdown ? markdownTable(table) : textTable(table)}\n`);
      if (args.assembly === undefined) continue;
      for (const [i, { name, dispatch }] of recorded.entries()) {
        const file = `${args.assembly}/${work}_${family}_${i}.txt`;
        await Deno.writeTextFile(file, `${name}\n${dispatch.kernel.wgsl}\n${compiled[i].assembly}`);
      }
    }
  }
  device.close();
}
