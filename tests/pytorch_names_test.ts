// How many names of PyTorch's documentation there are here, section by section; and why the others are left out.
import { assertEquals } from "@std/assert";
import { LEFT_OUT, NAMES, type Section, standingOf } from "./support/pytorch_names.ts";
import { ROOT } from "./support/subprocess.ts";

const SECTIONS = Object.keys(NAMES) as Section[];

Deno.test("every name of PyTorch's documentation is here, or left out for a reason", () => {
  const unknown = SECTIONS.flatMap((s) =>
    NAMES[s].filter((name) => !standingOf(s, name)).map((name) => `${s} ${name}`)
  );
  assertEquals(unknown, []);
});

Deno.test("nothing that is left out is here, or no name of PyTorch's, or left out twice", () => {
  const all = new Set(SECTIONS.flatMap((s) => NAMES[s])), seen = new Set<string>();
  const wrong = Object.values(LEFT_OUT).flat().filter((name) => {
    const isTwice = seen.has(name);
    seen.add(name);
    const sections = SECTIONS.filter((s) => NAMES[s].includes(name));
    return isTwice || !all.has(name) || sections.every((s) => standingOf(s, name) === "here");
  });
  assertEquals(wrong, []);
});

Deno.test("docs/pytorch.md shows the share of each section, and of what is left out how much for which reason", async () => {
  const page = await Deno.readTextFile(`${ROOT}docs/pytorch.md`);
  const rows = page.split("\n").map((line) => line.replaceAll(/\s+/g, " ").trim());
  const shares = SECTIONS.map((s) => {
    const here = NAMES[s].filter((name) => standingOf(s, name) === "here").length, all = NAMES[s].length;
    return `| \`${s}\` | ${all} | ${here} | ${Math.round(100 * here / all)} % |`;
  });
  const reasons = Object.keys(LEFT_OUT).map((reason) => {
    const counts = SECTIONS.map((s) => NAMES[s].filter((name) => standingOf(s, name) === reason).length);
    return `| ${reason} | ${counts.join(" | ")} |`;
  });
  assertEquals([...shares, ...reasons].filter((row) => !rows.some((line) => line.startsWith(row))), []);
});
