/**
 * Debian and Ubuntu packages: whether this machine has them, whether we may install them, and installing them.
 *
 * @module
 */
import type { Machine, Outcome } from "./machine.ts";

/** A way to install packages, and whether the package lists were already fetched by this run. */
export interface Apt {
  /** What to write before a command so that it runs as root. */
  prefix: string[];
  /** Whether `apt-get update` has run. */
  updated: boolean;
}

/**
 * Names the Linux distribution and those it descends from.
 *
 * @param machine The machine to look at.
 * @returns Identifiers such as `["ubuntu", "debian"]`, empty where there are none.
 */
export async function distributions(machine: Machine): Promise<string[]> {
  if (machine.os !== "linux") return [];
  const text = await machine.readText("/etc/os-release");
  const value = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)`, "m").exec(text)?.[1] ?? "";
  return `${value("ID")} ${value("ID_LIKE")}`.split(" ").filter((id) => id !== "");
}

/**
 * Finds out whether packages may be installed: on Debian and its descendants, as root or with a `sudo` that asks
 * for no password.
 *
 * @param machine The machine to look at.
 * @returns How to install, or `undefined` where it is not for us to do.
 */
export async function findApt(machine: Machine): Promise<Apt | undefined> {
  if (!(await distributions(machine)).includes("debian")) return undefined;
  if (machine.isRoot()) return { prefix: [], updated: false };
  const sudo = await machine.run(["sudo", "-n", "true"]);
  return sudo.code === 0 ? { prefix: ["sudo", "-n"], updated: false } : undefined;
}

/**
 * Installs packages without a question, fetching the package lists first.
 *
 * @param machine The machine to install on.
 * @param apt How to install; remembers that the lists were fetched.
 * @param packages The packages' names.
 * @returns How the installation ended.
 */
export async function install(machine: Machine, apt: Apt, packages: string[]): Promise<Outcome> {
  const aptGet = [...apt.prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"];
  // A failing update is no reason to stop: the lists at hand may do, and if not, the installation says so
  if (!apt.updated) await machine.run([...aptGet, "update"]);
  apt.updated = true;
  return await machine.run([...aptGet, "install", "--no-install-recommends", ...packages]);
}
