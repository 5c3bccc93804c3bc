/**
 * The drivers that `deno task test:drivers` runs the tests on, beside the one at hand: SwiftShader, which Debian's
 * chromium brings, and the Mesa of Debian's backports, in a folder of its own.
 *
 * @module
 */
import { cacheFolder, type ReadEnv } from "../ops/core/files.ts";
import { type Apt, install } from "./apt.ts";
import type { Machine } from "./machine.ts";

/** The description of SwiftShader that Vulkan's loader reads. */
export const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * The folder of the newer Mesa.
 *
 * @param env How to read the environment.
 * @returns The folder, or `undefined` where there is no place for caches.
 */
export function newMesaFolder(env: ReadEnv): string | undefined {
  const cache = cacheFolder(env);
  return cache && `${cache}/drivers/mesa`;
}

/**
 * The description of the newer Mesa's software driver that Vulkan's loader reads.
 *
 * @param env How to read the environment.
 * @returns The file, or `undefined` where there is no place for caches.
 */
export function newMesa(env: ReadEnv): string | undefined {
  const folder = newMesaFolder(env);
  return folder && `${folder}/lvp_icd.json`;
}

/**
 * Unpacks the Vulkan drivers of the suite `$2-backports` into the folder `$1`, from where the system has `$2` itself. The
 * package lists are the folder's too: nothing of the system changes, and it needs no rights.
 */
const UNPACK = `set -e
mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/root" && cd "$1"
mirror=$(apt-get indextargets "Codename: $2" "Release: $2" --format '$(REPO_URI)' | head -n 1)
[ -n "$mirror" ] || { echo "apt knows no mirror of $2"; exit 1; }
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $2-backports main" > sources.list
get() {
  apt-get -q -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=/dev/null \\
    -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD/cache" -o Debug::NoLocking=1 "$@"
}
get update
get download "mesa-vulkan-drivers/$2-backports"
dpkg -x mesa-vulkan-drivers_*.deb root
lib=$(find "$PWD/root" -name libvulkan_lvp.so)
sed "s#\\"library_path\\": *\\"[^\\"]*\\"#\\"library_path\\": \\"$lib\\"#" root/usr/share/vulkan/icd.d/lvp_icd*.json > new.json
mv new.json lvp_icd.json`;

/** The name of this Debian, or `undefined` where it is none. */
async function codename(machine: Machine): Promise<string | undefined> {
  const release = await machine.readText("/etc/os-release");
  if (!/^ID=debian$/m.test(release)) return undefined;
  return /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
}

/**
 * Sees that the drivers are there, as far as they can be had; says which cannot.
 *
 * @param machine The machine to look at.
 * @param findInstaller Finds how to install packages.
 */
export async function setUpDrivers(
  machine: Machine,
  findInstaller: () => Promise<Apt | undefined>,
): Promise<void> {
  await setUpSwiftShader(machine, findInstaller);
  await setUpNewMesa(machine);
}

async function setUpSwiftShader(
  machine: Machine,
  findInstaller: () => Promise<Apt | undefined>,
): Promise<void> {
  if (await machine.exists(SWIFTSHADER)) return;
  const apt = await findInstaller();
  if (apt !== undefined) {
    machine.say("Found no SwiftShader, installing chromium, which brings it");
    if ((await install(machine, apt, ["chromium"])).code === 0 && await machine.exists(SWIFTSHADER)) return;
  }
  machine.say("Cannot test on SwiftShader as Debian's chromium must be there: sudo apt-get install chromium");
}

async function setUpNewMesa(machine: Machine): Promise<void> {
  const file = newMesa(machine.env), folder = newMesaFolder(machine.env);
  if (file === undefined || await machine.exists(file)) return;
  const suite = await codename(machine);
  if (suite === undefined) {
    return machine.say("Found no newer Mesa: Debian's backports have it, this is no Debian");
  }
  machine.say(`Found no newer Mesa, unpacking that of ${suite}-backports into ${folder}`);
  const { code, output } = await machine.run(["sh", "-c", UNPACK, "sh", folder!, suite]);
  if (code === 0) return;
  machine.say(
    `${output.trimEnd()}\nCannot test on a newer Mesa as ${suite}-backports must have it: exit code ${code}`,
  );
}
