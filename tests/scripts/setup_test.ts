import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { distributions, findApt } from "../../scripts/apt.ts";
import { type Machine, thisMachine } from "../../scripts/machine.ts";
import { adapterAdvice, hasAdapter, hasFashionMnist, setup } from "../../scripts/setup.ts";

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n';
const UBUNTU = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n';
const FEDORA = 'NAME="Fedora Linux"\nID=fedora\nPLATFORM_ID="platform:f42"\n';
const DATA = [
  "train-images-idx3-ubyte.gz",
  "train-labels-idx1-ubyte.gz",
  "t10k-images-idx3-ubyte.gz",
  "t10k-labels-idx1-ubyte.gz",
];
const UPDATE = "env DEBIAN_FRONTEND=noninteractive apt-get -q -y update";
const INSTALL = "env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends";
const INSTALL_DRIVER = `${INSTALL} mesa-vulkan-drivers libvulkan1`;
const INSTALL_DATA = `${INSTALL} dataset-fashion-mnist`;
const INSTALL_NOTEBOOKS = `${INSTALL} jupyter-nbconvert`;
const INSTALL_BROWSER = `${INSTALL} chromium`;
const INSTALL_TORCH = `${INSTALL} python3-torch`;
const INSTALL_MPI = `${INSTALL} openmpi-bin mpich`;

interface Setting {
  os?: string;
  release?: string;
  root?: boolean;
  sudo?: boolean;
  adapter?: boolean;
  notebooks?: boolean;
  browser?: boolean;
  torch?: boolean;
  mpi?: boolean;
  /** The folder that has Fashion-MNIST, if any. */
  data?: string;
  env?: Record<string, string>;
  /** Exit codes of installations by package; those not named succeed, with the effect they should have. */
  codes?: Record<string, number>;
  /** Whether installing the driver brings an adapter. */
  driverHelps?: boolean;
}

/** A machine of paper: remembers the commands it was given, but for the probes, and the lines it was to show. */
function machineWith(setting: Setting): { machine: Machine; commands: string[]; lines: string[] } {
  const { codes = {}, driverHelps = true, env = { HOME: "/home/ada" } } = setting;
  const commands: string[] = [];
  const lines: string[] = [];
  let { adapter = false, notebooks = false, browser = false, torch = false, mpi = true, data } = setting;
  const ended = (code: number, output = "") => Promise.resolve({ code, output });
  const machine: Machine = {
    os: setting.os ?? "linux",
    env: (name) => env[name],
    isRoot: () => setting.root ?? false,
    readText: (path) => Promise.resolve(path === "/etc/os-release" ? setting.release ?? "" : ""),
    exists: (path) => Promise.resolve(DATA.some((file) => path === `${data}/${file}`)),
    say: (line) => lines.push(line),
    run: (command) => {
      if (command[0] === Deno.execPath()) return ended(adapter ? 0 : 1);
      if (command[0] === "sh") {
        const programs = { chromium: browser, torch, mpirun: mpi, jupyter: notebooks };
        const isThere = Object.entries(programs).find(([name]) => command[2].includes(name))![1];
        return ended(isThere ? 0 : 127);
      }
      commands.push(command.join(" "));
      if (command.join(" ") === "sudo -n true") return ended(setting.sudo ? 0 : 1);
      if (command.includes("update")) return ended(codes.update ?? 0, "lists are out of reach\n");
      const name = command.includes("dataset-fashion-mnist")
        ? "data"
        : command.includes("jupyter-nbconvert")
        ? "notebooks"
        : command.includes("chromium")
        ? "browser"
        : command.includes("python3-torch")
        ? "torch"
        : command.includes("mpich")
        ? "mpi"
        : "driver";
      if (codes[name]) return ended(codes[name], `E: Unable to locate package of the ${name}\n`);
      if (name === "data") data = "/usr/share/datasets/fashion-mnist";
      else if (name === "notebooks") notebooks = true;
      else if (name === "browser") browser = true;
      else if (name === "torch") torch = true;
      else if (name === "mpi") mpi = true;
      else adapter = driverHelps;
      return ended(0, "Setting up\n");
    },
  };
  return { machine, commands, lines };
}

Deno.test("setup() is silent where an adapter and the data are there", async () => {
  const { machine, commands, lines } = machineWith({
    release: DEBIAN,
    root: true,
    adapter: true,
    data: "/usr/share/datasets/fashion-mnist",
  });
  assertEquals(await setup(machine), 0);
  assertEquals(commands, []);
  assertEquals(lines, []);
});

Deno.test("setup() installs driver and data as root on Debian, with one update", async () => {
  const { machine, commands, lines } = machineWith({ release: DEBIAN, root: true });
  assertEquals(await setup(machine), 0);
  assertEquals(commands, [UPDATE, INSTALL_DRIVER, INSTALL_DATA]);
  assertEquals(lines, [
    "Found no WebGPU adapter, installing Mesa's software driver: mesa-vulkan-drivers libvulkan1",
    "Found no Fashion-MNIST, installing dataset-fashion-mnist",
  ]);
  assertEquals(await setup(machine), 0);
  assertEquals(commands.length, 3, "a second setup has nothing to do");
  assertEquals(lines.length, 2);
});

Deno.test("setup() installs on Ubuntu through a sudo that asks for no password", async () => {
  const { machine, commands } = machineWith({ release: UBUNTU, sudo: true });
  assertEquals(await setup(machine), 0);
  assertEquals(commands, [
    "sudo -n true",
    `sudo -n ${UPDATE}`,
    `sudo -n ${INSTALL_DRIVER}`,
    `sudo -n ${INSTALL_DATA}`,
  ]);
});

Deno.test("setup() says on Debian what to install when it may not", async () => {
  const { machine, commands, lines } = machineWith({ release: DEBIAN });
  assertEquals(await setup(machine), 1);
  assertEquals(commands, ["sudo -n true"]);
  assertEquals(lines, [
    "Cannot find a WebGPU adapter on this machine: install the graphics card's Vulkan driver or Mesa's software " +
    "driver: sudo apt-get update && sudo apt-get install mesa-vulkan-drivers libvulkan1",
  ]);
});

Deno.test("setup() says on Fedora what to install, and installs nothing as root either", async () => {
  const { machine, commands, lines } = machineWith({ release: FEDORA, root: true });
  assertEquals(await setup(machine), 1);
  assertEquals(commands, []);
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0], ": sudo dnf install mesa-vulkan-drivers vulkan-loader");
});

Deno.test("setup() leaves the data to the loader where it may not install it", async () => {
  for (const setting of [{ release: DEBIAN }, { release: FEDORA }, { os: "darwin" }, { os: "windows" }]) {
    const { machine, lines } = machineWith({ ...setting, adapter: true });
    assertEquals(await setup(machine), 0);
    assertEquals(lines, []);
  }
});

Deno.test("setup() shows apt-get's output and fails when the driver cannot be installed", async () => {
  const { machine, commands, lines } = machineWith({ release: DEBIAN, root: true, codes: { driver: 100 } });
  assertEquals(await setup(machine), 1);
  assertEquals(commands, [UPDATE, INSTALL_DRIVER]);
  assertEquals(
    lines[1],
    "E: Unable to locate package of the driver\n" +
      "Cannot install Mesa's software driver as apt-get failed: exit code 100",
  );
});

Deno.test("setup() goes on when only the package lists cannot be fetched", async () => {
  const { machine, lines } = machineWith({ release: DEBIAN, root: true, codes: { update: 100 } });
  assertEquals(await setup(machine), 0);
  assertEquals(lines.length, 2);
});

Deno.test("setup() fails when the installed driver brings no adapter", async () => {
  const { machine, lines } = machineWith({ release: DEBIAN, root: true, driverHelps: false });
  assertEquals(await setup(machine), 1);
  assertEquals(
    lines[1],
    "Cannot find a WebGPU adapter on this machine, though Mesa's software driver is installed",
  );
});

Deno.test("setup() goes on when the data has no package", async () => {
  const { machine, lines } = machineWith({
    release: UBUNTU,
    root: true,
    adapter: true,
    codes: { data: 100 },
  });
  assertEquals(await setup(machine), 0);
  assertEquals(
    lines[1],
    "dataset-fashion-mnist is not to be had here: it will be downloaded at its first use",
  );
});

Deno.test("setup() installs what runs notebooks and a browser only for the tests, and once", async () => {
  const { machine, commands, lines } = machineWith({
    release: DEBIAN,
    root: true,
    adapter: true,
    data: "/usr/share/datasets/fashion-mnist",
  });
  assertEquals(await setup(machine), 0);
  assertEquals(commands, []);
  assertEquals(await setup(machine, true), 0);
  assertEquals(commands, [UPDATE, INSTALL_NOTEBOOKS, INSTALL_BROWSER, INSTALL_TORCH]);
  assertEquals(lines, [
    "Found no jupyter-nbconvert, installing it for the notebook's test",
    "Found no chromium, installing it for the browser's tests",
    "Found no python3-torch, installing it for the tests beside PyTorch",
  ]);
  assertEquals(await setup(machine, true), 0);
  assertEquals([commands.length, lines.length], [4, 3]);
});

Deno.test("setup() goes on where notebooks are not to be had, and says on Debian what their test needs", async () => {
  const data = "/usr/share/datasets/fashion-mnist";
  const failing = machineWith({
    release: UBUNTU,
    root: true,
    adapter: true,
    data,
    codes: { notebooks: 100, browser: 100, torch: 100 },
  });
  assertEquals(await setup(failing.machine, true), 0);
  const advice = "Cannot run the notebook's test as jupyter-nbconvert must be there: " +
    "sudo apt-get update && sudo apt-get install jupyter-nbconvert";
  const browser = "Cannot run the browser's tests as chromium must be there: " +
    "sudo apt-get update && sudo apt-get install chromium";
  const torch = "Cannot run the tests beside PyTorch as python3-torch must be there: " +
    "sudo apt-get update && sudo apt-get install python3-torch";
  assertEquals([failing.lines[1], failing.lines[3], failing.lines[5]], [advice, browser, torch]);
  for (
    const [setting, said] of [
      [{ release: DEBIAN }, [advice, browser, torch]],
      [{ release: UBUNTU, notebooks: true }, [browser, torch]],
      [{ release: UBUNTU, notebooks: true, browser: true, torch: true }, []],
      [{ release: FEDORA, root: true }, []],
      [{ os: "windows" }, []],
    ] as const
  ) {
    const { machine, lines } = machineWith({ ...setting, adapter: true, env: { PLUNGE_DATA: data }, data });
    assertEquals([await setup(machine, true), lines], [0, said]);
  }
});

Deno.test("setup() names the system's own graphics on macOS and Windows", async () => {
  for (const [os, word] of [["darwin", "Metal"], ["windows", "Direct3D 12"]]) {
    const { machine, commands, lines } = machineWith({ os });
    assertEquals(await setup(machine), 1);
    assertEquals(commands, []);
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0], word);
  }
});

Deno.test("adapterAdvice() knows the distributions by name and by descent", async () => {
  const advice = (release: string) => adapterAdvice(machineWith({ release }).machine);
  assertMatch(await advice("ID=linuxmint\nID_LIKE='ubuntu debian'\n"), /apt-get install mesa-vulkan-drivers/);
  assertMatch(await advice('ID="rocky"\nID_LIKE="rhel centos fedora"\n'), /dnf install/);
  assertMatch(await advice("ID=arch\n"), /pacman -S vulkan-swrast/);
  assertMatch(await advice('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n'), /zypper install/);
  assertMatch(await advice(""), /lavapipe/);
});

Deno.test("distributions() reads os-release with and without quotes, and only on Linux", async () => {
  assertEquals(await distributions(machineWith({ release: UBUNTU }).machine), ["ubuntu", "debian"]);
  assertEquals(
    await distributions(machineWith({ release: 'ID="rocky"\nID_LIKE="rhel fedora"\n' }).machine),
    ["rocky", "rhel", "fedora"],
  );
  assertEquals(await distributions(machineWith({ os: "darwin", release: DEBIAN }).machine), []);
});

Deno.test("findApt() asks sudo only where it is not root", async () => {
  const root = machineWith({ release: DEBIAN, root: true });
  assertEquals(await findApt(root.machine), { prefix: [], updated: false });
  assertEquals(root.commands, []);
  assertEquals(await findApt(machineWith({ release: DEBIAN }).machine), undefined);
  assertEquals(await findApt(machineWith({ release: FEDORA, sudo: true }).machine), undefined);
});

Deno.test("hasFashionMnist() looks in the named folder, the cache and Debian's folder", async () => {
  const has = (setting: Setting) => hasFashionMnist(machineWith(setting).machine);
  assert(await has({ data: "/usr/share/datasets/fashion-mnist" }));
  assert(await has({ data: "/d", env: { PLUNGE_DATA: "/d" } }));
  assert(await has({ data: "/d/fashion-mnist", env: { PLUNGE_DATA: "/d" } }));
  assert(await has({ data: "/c/plunge/fashion-mnist", env: { LOCALAPPDATA: "/c", XDG_CACHE_HOME: "/c" } }));
  assertEquals(await has({}), false);
  assertEquals(await has({ data: "/elsewhere" }), false);
  assertEquals(await has({ data: "/c/plunge/fashion-mnist", env: {} }), false);
});

Deno.test("hasFashionMnist() wants all four files, packed or not", async () => {
  const { machine } = machineWith({});
  const files = new Set(
    DATA.map((file) => `/home/ada/.cache/plunge/fashion-mnist/${file.replace(".gz", "")}`),
  );
  machine.exists = (path) => Promise.resolve(files.has(path));
  assert(await hasFashionMnist(machine));
  files.delete([...files][2]);
  assertEquals(await hasFashionMnist(machine), false);
});

Deno.test("hasAdapter() insists on Vulkan on Linux unless a backend is chosen", async () => {
  const asked: (Record<string, string> | undefined)[] = [];
  for (const setting of [{}, { env: { DENO_WEBGPU_BACKEND: "gl" } }, { os: "darwin" }]) {
    const { machine } = machineWith(setting);
    machine.run = (_command, env) => {
      asked.push(env);
      return Promise.resolve({ code: 0, output: "" });
    };
    assert(await hasAdapter(machine));
  }
  assertEquals(asked, [{ DENO_WEBGPU_BACKEND: "vulkan" }, { DENO_WEBGPU_BACKEND: "gl" }, {}]);
});

Deno.test("thisMachine() runs, reads and looks without throwing", async () => {
  const machine = thisMachine();
  const version = await machine.run([Deno.execPath(), "--version"]);
  assertEquals(version.code, 0);
  assertMatch(version.output, /^deno \d/);
  const probe = await machine.run(
    [Deno.execPath(), "eval", "console.error(Deno.env.get('NO_COLOR')); Deno.exit(3)"],
    { NO_COLOR: "passed on" },
  );
  assertEquals(probe, { code: 3, output: "passed on\n" });
  assertEquals((await machine.run(["no-such-command"])).code, 127);
  const here = await Deno.realPath(new URL(import.meta.url));
  assert(await machine.exists(here));
  assertEquals(await machine.exists(`${here}.gone`), false);
  assertStringIncludes(await machine.readText(here), "thisMachine() runs, reads and looks");
  assertEquals(await machine.readText(`${here}.gone`), "");
});

Deno.test("hasAdapter() sees this machine's adapter, and none where the backend is another system's", async () => {
  const machine = thisMachine();
  assert(await hasAdapter(machine));
  const { run } = machine;
  const foreign = Deno.build.os === "windows" ? "metal" : "dx12";
  machine.run = (command, env) => run(command, { ...env, DENO_WEBGPU_BACKEND: foreign });
  assertEquals(await hasAdapter(machine), false);
});

Deno.test("setup() installs both kinds of MPI only for the tests, and once", async () => {
  const { machine, commands, lines } = machineWith({
    release: DEBIAN,
    root: true,
    adapter: true,
    notebooks: true,
    browser: true,
    torch: true,
    data: "/usr/share/datasets/fashion-mnist",
    mpi: false,
  });
  assertEquals([await setup(machine), commands], [0, []]);
  assertEquals(await setup(machine, true), 0);
  assertEquals(commands, [UPDATE, INSTALL_MPI]);
  assertEquals(lines, ["Found no openmpi-bin and no mpich, installing for the tests of several ranks"]);
  assertEquals([await setup(machine, true), commands.length], [0, 2]);
});

Deno.test("setup() says on Debian what the tests of several ranks need, and nothing elsewhere", async () => {
  const data = "/usr/share/datasets/fashion-mnist",
    rest = { adapter: true, notebooks: true, browser: true, torch: true, data, mpi: false };
  const advice = "Cannot run the tests of several ranks as openmpi-bin and mpich must be there: " +
    "sudo apt-get update && sudo apt-get install openmpi-bin mpich";
  const cases: [Setting, string[]][] = [[{ release: DEBIAN }, [advice]], [{ release: FEDORA }, []]];
  for (const [setting, expected] of cases) {
    const { machine, lines } = machineWith({ ...rest, ...setting });
    assertEquals([await setup(machine, true), lines], [0, expected]);
  }
});
