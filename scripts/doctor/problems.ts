/**
 * What is the matter, and what to do about it.
 *
 * @module
 */
import { LEAST_DENO } from "../../ops/gpu/find_gpu.ts";
import { type Check, type Facts, GROUPS, type Problem } from "./report.ts";

/** The oldest Mesa that all of this was tried on. */
const LEAST_MESA = [22, 3] as const;
/** Where to tell of what a user cannot mend. */
const TELL = "keep the output of `deno task doctor --json` with the report";

function isBelow(version: string, least: readonly [number, number]): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major < least[0] || (major === least[0] && minor < least[1]);
}

/** Whether a Deno has all that is used. */
export function isOldDeno(version: string): boolean {
  return isBelow(version, LEAST_DENO);
}

/**
 * Everything that is worth a word.
 *
 * @param facts What the machine is.
 * @param checks What was tried.
 * @param install What to install where there is no driver, a sentence.
 * @param failure Why no device could be opened, if none could.
 */
export function problemsOf(
  facts: Facts,
  checks: readonly Check[],
  install: string,
  failure: string | null = null,
): Problem[] {
  return [
    ...ofDeno(facts),
    ...(facts.adapter ? ofAdapter(facts, install) : ofNone(facts, install, failure)),
    ...ofChecks(facts, checks),
    ...ofEnvironment(facts),
  ];
}

function ofDeno({ deno }: Facts): Problem[] {
  if (!isOldDeno(deno)) return [];
  return [{
    severity: "error",
    what: `Deno ${deno} lacks parts of WebGPU that Plunge needs`,
    advice: `run \`deno upgrade\`, which brings the newest; ${
      LEAST_DENO.join(".")
    } is the oldest that will do`,
  }];
}

/** Why Vulkan has no adapter, and what to do, where that can be told. */
function whyNoVulkan(
  { hasLoader, vulkanDrivers, env }: Facts,
  install: string,
): [why: string, advice: string] | null {
  if (hasLoader === false) return ["there is no Vulkan loader (libvulkan.so.1)", install];
  if (vulkanDrivers?.length === 0) return ["no driver is registered with Vulkan's loader", install];
  const hidden = Object.keys(env).filter((name) => name.startsWith("VK_"));
  if (hidden.length === 0) return null;
  const set = hidden.map((name) => `${name}=${env[name]}`).join(", ");
  return [`${set} decides which Vulkan drivers are seen`, `unset ${hidden.join(", ")} and try again`];
}

/** Why there is no adapter. */
function ofNone(facts: Facts, install: string, failure: string | null): Problem[] {
  if (isOldDeno(facts.deno)) return []; // which is what to mend first
  const backend = facts.env.DENO_WEBGPU_BACKEND, known = whyNoVulkan(facts, install);
  const error = (what: string, advice: string): Problem[] => [{ severity: "error", what, advice }];
  if (known) return error(`no adapter was found: ${known[0]}`, known[1]);
  if (backend !== undefined) {
    return error(
      `no adapter was found among those that DENO_WEBGPU_BACKEND=${backend} allows`,
      "unset DENO_WEBGPU_BACKEND and try again",
    );
  }
  return error(failure ?? "no WebGPU adapter was found", install);
}

/** Work that goes through OpenGL, to which Deno turns in silence where Vulkan has no adapter. */
function ofOpenGl(facts: Facts, install: string): Problem[] {
  const { hasVulkan, env } = facts, wanted = env.DENO_WEBGPU_BACKEND;
  const slow = "work goes through OpenGL, which is slower and less tried, as";
  if (hasVulkan === false) {
    const [why, advice] = whyNoVulkan(facts, install) ?? ["Deno finds no Vulkan driver", install];
    return [{ severity: "warning", what: `${slow} ${why}`, advice }];
  }
  if (!/^(gl|gles|opengl)$/i.test(wanted ?? "")) return [];
  const advice = "unset DENO_WEBGPU_BACKEND: Vulkan is there, and what Plunge is tried on";
  return [{ severity: "warning", what: `${slow} DENO_WEBGPU_BACKEND=${wanted} wants it`, advice }];
}

function ofAdapter(facts: Facts, install: string): Problem[] {
  const { hasCard, mesa } = facts, adapter = facts.adapter!, problems = ofOpenGl(facts, install);
  if (adapter.isSoftware) {
    problems.push({
      severity: hasCard ? "warning" : "note",
      what: `${adapter.name} computes on the CPU` +
        (hasCard ? ", though the system has a graphics card" : ""),
      advice: hasCard
        ? `${install}; in a container, let it see the card (such as \`--gpus all\` or \`--device /dev/dri\`)`
        : "nothing is wrong; a graphics card with a Vulkan driver would be many times as fast",
    });
  }
  const isMesa = /llvmpipe|mesa|radv|lavapipe|intel/i.test(adapter.name);
  if (isMesa && mesa !== null && isBelow(mesa, LEAST_MESA)) {
    problems.push({
      severity: "warning",
      what: `Mesa ${mesa} is older than all that Plunge was tried on`,
      advice: `install Mesa ${LEAST_MESA.join(".")} or newer, such as that of Debian 12 or Ubuntu 24.04`,
    });
  }
  return problems;
}

function ofChecks(facts: Facts, checks: readonly Check[]): Problem[] {
  return Object.keys(GROUPS).flatMap((group): Problem[] => {
    const failed = checks.filter((check) => check.group === group && !check.ok);
    if (failed.length === 0) return [];
    const [first] = failed, names = failed.slice(0, 8).map(({ name }) => name).join(", ");
    const more = failed.length > 8 ? ` and ${failed.length - 8} more` : "";
    return [{
      severity: "error",
      what: `${GROUPS[first.group]}: wrong in ${names}${more}; ${first.name}: ${
        first.found[0] ?? "no detail"
      }`,
      advice: adviceFor(facts),
    }];
  });
}

/** What helps against a driver that computes wrongly. */
function adviceFor({ adapter, os, hasCard }: Facts): string {
  const update = os === "linux"
    ? "update Mesa or the card's driver"
    : "update the system or the graphics driver";
  const other = adapter?.isSoftware
    ? hasCard ? "or install the card's Vulkan driver" : "or use another machine"
    : "or compute on the CPU (Mesa's lavapipe: VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json), or " +
      'try the other kernels: openDevice({ kernels: "cpu" })';
  return `results of this adapter cannot be trusted: ${update}, ${other}; ${TELL}`;
}

function ofEnvironment({ os, env, adapter }: Facts): Problem[] {
  if (os !== "linux" || env.XDG_RUNTIME_DIR || adapter === null) return [];
  return [{
    severity: "note",
    what: "XDG_RUNTIME_DIR is not set, of which Mesa's drivers write a line to stderr",
    advice:
      "set it to any folder, such as XDG_RUNTIME_DIR=/tmp, or grant --allow-env=XDG_RUNTIME_DIR, with which " +
      "openDevice does so; results do not depend on it",
  }];
}

/** The whole in a sentence. */
export function verdictOf(
  facts: Facts,
  checks: readonly Check[],
  problems: readonly Problem[],
  isQuick: boolean,
): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  if (facts.adapter === null) return "Plunge cannot run here yet: see what to do above.";
  const wrong = checks.filter(({ ok }) => !ok).length, { name } = facts.adapter;
  if (wrong > 0) return `Do not trust what ${name} computes: ${wrong} of ${checks.length} checks went wrong.`;
  if (errors > 0) return "Something has to be mended before Plunge can be trusted here: see above.";
  const quick = isQuick ? ", of a quick look (without --quick every operation is tried)" : "";
  const sound = `${name} computes right: all ${checks.length} checks passed${quick}.`;
  return warnings > 0 ? `${sound} It could be better: see above.` : sound;
}
