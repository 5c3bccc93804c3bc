/**
 * Sees that this machine can train: a WebGPU adapter, and Fashion-MNIST where the system has it as a package; with
 * `--tests` also what only the tests need, with `--drivers` the drivers of `deno task test:drivers`, with `--compiler` the
 * one of `deno task bench:compiler`. Says nothing when there is nothing to do.
 *
 * @module
 */
import { places } from "../data/_folders.ts"; // the loader's own list, so that both look in the same folders
import { FASHION_MNIST_FILES } from "../data/_mnist_files.ts";
import { type Apt, distributions, findApt, install } from "./apt.ts";
import { setUpCompiler } from "./compiler.ts";
import { setUpDrivers } from "./drivers.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { setUpMpiForTests } from "./mpi.ts";

const DRIVER_PACKAGES = ["mesa-vulkan-drivers", "libvulkan1"];
/** How to install a Vulkan driver, by the identifier of a distribution or of the one it descends from. */
const DRIVER_COMMANDS: Record<string, string> = {
  debian: `sudo apt-get update && sudo apt-get install ${DRIVER_PACKAGES.join(" ")}`,
  fedora: "sudo dnf install mesa-vulkan-drivers vulkan-loader",
  arch: "sudo pacman -S vulkan-swrast vulkan-icd-loader",
  suse: "sudo zypper install libvulkan_lavapipe libvulkan1",
};
const DATA_PACKAGE = "dataset-fashion-mnist";
/** What tests run, by the name of its Debian package, and the command that tells whether it is there. */
const TEST_PROGRAMS = [
  { name: "jupyter-nbconvert", probe: "command -v jupyter-nbconvert", test: "the notebook's test" },
  { name: "chromium", probe: "command -v chromium", test: "the browser's tests" },
  { name: "python3-torch", probe: "/usr/bin/python3 -c 'import torch'", test: "the tests beside PyTorch" },
];
const DATA_FILES = [FASHION_MNIST_FILES.train, FASHION_MNIST_FILES.test]
  .flatMap(({ images, labels }) => [images.name, labels.name]);
const PROBE = "Deno.exit(await navigator.gpu.requestAdapter() === null ? 1 : 0)";

/**
 * Tells whether Deno finds a WebGPU adapter. A process of its own asks, because drivers are loaded once a process:
 * one that was installed meanwhile would go unseen.
 *
 * @param machine The machine to look at.
 * @returns Whether there is one.
 */
export async function hasAdapter(machine: Machine): Promise<boolean> {
  const env: Record<string, string> = {};
  // Without a Vulkan driver Deno would take Mesa's OpenGL, silently
  if (machine.os === "linux") env.DENO_WEBGPU_BACKEND = machine.env("DENO_WEBGPU_BACKEND") ?? "vulkan";
  return (await machine.run([Deno.execPath(), "eval", "--no-config", PROBE], env)).code === 0;
}

/**
 * Tells whether all four files of Fashion-MNIST are in one of the folders that the loader looks in.
 *
 * @param machine The machine to look at.
 * @returns Whether they are.
 */
export async function hasFashionMnist(machine: Machine): Promise<boolean> {
  for (const { folder } of places(FASHION_MNIST_FILES, undefined, machine.env)) {
    const found = await Promise.all(
      DATA_FILES.map(async (name) =>
        await machine.exists(`${folder}/${name}`) ||
        await machine.exists(`${folder}/${name.replace(/\.gz$/, "")}`)
      ),
    );
    if (found.every(Boolean)) return true;
  }
  return false;
}

/**
 * Says what a person has to install on this system to get a WebGPU adapter.
 *
 * @param machine The machine to look at.
 * @returns One sentence.
 */
export async function adapterAdvice(machine: Machine): Promise<string> {
  if (machine.os === "darwin") return "macOS brings Metal with it; a virtual machine needs a graphics device";
  if (machine.os === "windows") return "Windows brings Direct3D 12 with it; update the graphics driver";
  const ids = await distributions(machine);
  const command = Object.entries(DRIVER_COMMANDS).find(([id]) => ids.includes(id))?.[1];
  return command
    ? `install the graphics card's Vulkan driver or Mesa's software driver: ${command}`
    : "install the graphics card's Vulkan driver or Mesa's software driver (lavapipe), and the Vulkan loader";
}

async function setUpAdapter(
  machine: Machine,
  findInstaller: () => Promise<Apt | undefined>,
): Promise<boolean> {
  if (await hasAdapter(machine)) return true;
  const apt = await findInstaller();
  if (apt === undefined) {
    machine.say(`Cannot find a WebGPU adapter on this machine: ${await adapterAdvice(machine)}`);
    return false;
  }
  machine.say(`Found no WebGPU adapter, installing Mesa's software driver: ${DRIVER_PACKAGES.join(" ")}`);
  const { code, output } = await install(machine, apt, DRIVER_PACKAGES);
  if (code !== 0) {
    machine.say(
      `${output.trimEnd()}\nCannot install Mesa's software driver as apt-get failed: exit code ${code}`,
    );
    return false;
  }
  if (await hasAdapter(machine)) return true;
  machine.say("Cannot find a WebGPU adapter on this machine, though Mesa's software driver is installed");
  return false;
}

async function setUpData(machine: Machine, findInstaller: () => Promise<Apt | undefined>): Promise<void> {
  if (await hasFashionMnist(machine)) return;
  const apt = await findInstaller();
  if (apt === undefined) return; // the loader downloads it at its first use
  machine.say(`Found no Fashion-MNIST, installing ${DATA_PACKAGE}`);
  const { code } = await install(machine, apt, [DATA_PACKAGE]);
  if (code !== 0) {
    machine.say(`${DATA_PACKAGE} is not to be had here: it will be downloaded at its first use`);
  }
}

/** Installs the programs that tests run, on Debian, where those tests insist on them; elsewhere they may be left out. */
async function setUpTests(machine: Machine, findInstaller: () => Promise<Apt | undefined>): Promise<void> {
  if (!(await distributions(machine)).includes("debian")) return;
  for (const { name, probe, test } of TEST_PROGRAMS) {
    if ((await machine.run(["sh", "-c", probe])).code === 0) continue;
    const apt = await findInstaller();
    if (apt !== undefined) {
      machine.say(`Found no ${name}, installing it for ${test}`);
      if ((await install(machine, apt, [name])).code === 0) continue;
    }
    const command = `sudo apt-get update && sudo apt-get install ${name}`;
    machine.say(`Cannot run ${test} as ${name} must be there: ${command}`);
  }
}

/**
 * Sets a machine up, silently where there is nothing to do.
 *
 * @param machine The machine.
 * @param forTests Whether it is to have what only the tests need, too.
 * @param forDrivers Whether it is to have the drivers that the tests are run on, too.
 * @param forCompiler Whether it is to have the compiler that shows what a GPU makes of a kernel, too.
 * @returns The exit code, 0 when there is a WebGPU adapter at the end.
 */
export async function setup(
  machine: Machine,
  forTests = false,
  forDrivers = false,
  forCompiler = false,
): Promise<number> {
  let apt: Promise<Apt | undefined> | undefined;
  const findInstaller = () => apt ??= findApt(machine);
  if (!await setUpAdapter(machine, findInstaller)) return 1;
  await setUpData(machine, findInstaller);
  if (forTests) {
    await setUpTests(machine, findInstaller);
    await setUpMpiForTests(machine, findInstaller);
  }
  if (forDrivers) await setUpDrivers(machine, findInstaller);
  if (forCompiler) await setUpCompiler(machine, findInstaller);
  return 0;
}

if (import.meta.main) {
  const isAsked = (what: string) => Deno.args.includes(`--${what}`);
  Deno.exit(await setup(thisMachine(), isAsked("tests"), isAsked("drivers"), isAsked("compiler")));
}
