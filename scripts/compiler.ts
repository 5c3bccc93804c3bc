/**
 * Mesa's RADV, the driver of AMD's GPUs, whose compiler `deno task bench:compiler` asks what a GPU would make of a kernel.
 *
 * @module
 */
import { type Apt, install } from "./apt.ts";
import type { Machine } from "./machine.ts";

/** Where Vulkan's loader finds the descriptions of drivers. */
const DRIVERS = "/usr/share/vulkan/icd.d";
const PACKAGES = ["mesa-vulkan-drivers", "libvulkan1"];

/**
 * The description of RADV that Vulkan's loader reads.
 *
 * @param exists Tells whether a file exists.
 * @returns The file, or `undefined` where the system has none.
 */
export async function radvDriver(
  exists: (path: string) => Promise<boolean> = (path) => Deno.stat(path).then(() => true, () => false),
): Promise<string | undefined> {
  for (const name of ["radeon_icd.x86_64.json", "radeon_icd.aarch64.json", "radeon_icd.json"]) {
    if (await exists(`${DRIVERS}/${name}`)) return `${DRIVERS}/${name}`;
  }
  return undefined;
}

/**
 * Sees that RADV is there, as far as it can be had; says so where it cannot.
 *
 * @param machine The machine to look at.
 * @param findInstaller Finds how to install packages.
 */
export async function setUpCompiler(
  machine: Machine,
  findInstaller: () => Promise<Apt | undefined>,
): Promise<void> {
  const isThere = () => radvDriver(machine.exists);
  if (await isThere()) return;
  const apt = await findInstaller();
  if (apt !== undefined) {
    machine.say(`Found no compiler for AMD's GPUs, installing ${PACKAGES.join(" ")}`);
    if ((await install(machine, apt, PACKAGES)).code === 0 && await isThere()) return;
  }
  machine.say(
    `Cannot compile for a GPU as Mesa's RADV must be there: sudo apt-get update && sudo apt-get install ${
      PACKAGES.join(" ")
    }`,
  );
}
