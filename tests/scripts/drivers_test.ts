import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Apt } from "../../scripts/apt.ts";
import { newMesa, setUpDrivers, SWIFTSHADER } from "../../scripts/drivers.ts";
import type { Machine } from "../../scripts/machine.ts";

const DEBIAN = "VERSION_CODENAME=bookworm\nID=debian\n";
const HOME: Record<string, string> = { HOME: "/home/ada" }, MESA = "/home/ada/.cache/plunge/drivers/mesa";

interface Setting {
  release?: string;
  apt?: Apt;
  env?: Record<string, string>;
  there?: string[];
  /** Exit code of unpacking, and whether chromium brings SwiftShader. */
  code?: number;
  brings?: boolean;
}

/** What setUpDrivers says and runs on a machine of paper. */
async function onPaper(setting: Setting): Promise<{ lines: string[]; commands: string[][] }> {
  const { env = HOME, there = [], code = 0, brings = true } = setting;
  const lines: string[] = [], commands: string[][] = [], files = new Set(there);
  const machine: Machine = {
    os: "linux",
    env: (name) => env[name],
    isRoot: () => true,
    readText: () => Promise.resolve(setting.release ?? DEBIAN),
    exists: (path) => Promise.resolve(files.has(path)),
    say: (line) => lines.push(line),
    run: (command) => {
      commands.push(command);
      if (command.includes("chromium") && brings) files.add(SWIFTSHADER);
      return Promise.resolve({ code: command[0] === "sh" ? code : 0, output: "E: out of reach\n" });
    },
  };
  await setUpDrivers(machine, () => Promise.resolve(setting.apt));
  return { lines, commands };
}

Deno.test("setUpDrivers() is silent where both drivers are there", async () => {
  const there = [SWIFTSHADER, newMesa((name) => HOME[name])!];
  assertEquals(await onPaper({ there }), { lines: [], commands: [] });
});

Deno.test("setUpDrivers() installs chromium, and unpacks Mesa into a folder of its own", async () => {
  const { lines, commands } = await onPaper({ apt: { prefix: [], updated: false } });
  assertEquals(lines, [
    "Found no SwiftShader, installing chromium, which brings it",
    `Found no newer Mesa, unpacking that of bookworm-backports into ${MESA}`,
  ]);
  const [update, install, unpack] = commands.map((command) => command.join(" "));
  assertStringIncludes(update, "apt-get -q -y update");
  assertStringIncludes(install, "apt-get -q -y install --no-install-recommends chromium");
  assertEquals(commands[2].slice(3), ["sh", MESA, "bookworm"]);
  assert(!/\binstall\b/.test(unpack));
});

Deno.test("setUpDrivers() says which driver cannot be had, and why", async () => {
  const missing =
    "Cannot test on SwiftShader as Debian's chromium must be there: sudo apt-get install chromium";
  assertEquals((await onPaper({ release: "ID=fedora\n" })).lines, [
    missing,
    "Found no newer Mesa: Debian's backports have it, this is no Debian",
  ]);
  const { lines } = await onPaper({ apt: { prefix: [], updated: false }, brings: false, code: 100 });
  assertEquals(lines.slice(1), [
    missing,
    `Found no newer Mesa, unpacking that of bookworm-backports into ${MESA}`,
    "E: out of reach\nCannot test on a newer Mesa as bookworm-backports must have it: exit code 100",
  ]);
  assertEquals((await onPaper({ env: {} })).lines, [missing]);
});
