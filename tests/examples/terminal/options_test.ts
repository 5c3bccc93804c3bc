import { assertEquals, assertThrows } from "@std/assert";
import { type OptionSpecs, parseOptions } from "../../../examples/terminal/options.ts";

const specs = {
  epochs: { help: "", default: 10, least: 1, integer: true },
  lr: { help: "", default: 0.9 },
  limit: { help: "", number: true, least: 1, integer: true },
  lang: { help: "", choices: ["en", "zh"] },
  part: { help: "", default: "1,2", choices: ["1", "2", "3"], several: true },
  out: { help: "" },
  seed: { help: "", default: 3, most: Number.MAX_SAFE_INTEGER, integer: true },
  root: { help: "", folder: true },
  plain: { help: "", flag: true },
} as const satisfies OptionSpecs;

Deno.test("parseOptions() gives numbers and texts, or the defaults", () => {
  const rest = { seed: 3, root: undefined, plain: false };
  const defaults = {
    epochs: 10,
    lr: 0.9,
    limit: undefined,
    lang: undefined,
    part: "1,2",
    out: undefined,
    ...rest,
  };
  assertEquals(parseOptions(specs, []), defaults);
  assertEquals(
    parseOptions(specs, ["--epochs", "3", "--lr=1e-3", "--limit=5", "--lang", "zh", "--part", "3,1"]),
    { ...defaults, epochs: 3, lr: 0.001, limit: 5, lang: "zh", part: "3,1" },
  );
  assertEquals(parseOptions(specs, ["--help"]), null);
  assertEquals(parseOptions(specs, ["--epochs=3", "-h"]), null);
  assertEquals(parseOptions(specs, ["--root", Deno.cwd()])?.root, Deno.cwd());
});

Deno.test("parseOptions() gives flags without a value", () => {
  const plain = { plain: { help: "", flag: true }, out: { help: "" } } as const;
  assertEquals(parseOptions(plain, []), { plain: false, out: undefined });
  assertEquals(parseOptions(plain, ["--plain", "--out", "x"]), { plain: true, out: "x" });
});

Deno.test("parseOptions() gives what stands without dashes to the operands", () => {
  const runs = { RUN: { help: "", operands: true }, out: { help: "" } } as const;
  assertEquals(parseOptions(runs, ["a", "--out", "x", "07"]), { RUN: ["a", "07"], out: "x" });
  assertThrows(
    () => parseOptions(runs, ["--out", "x"]),
    RangeError,
    "Cannot do without RUN as at least one must be given: there is none",
  );
  assertThrows(
    () => parseOptions(runs, ["a", "--into", "x"]),
    RangeError,
    "Cannot understand --into: it is no option of this script",
  );
});

Deno.test("parseOptions() says what is wrong with an option", () => {
  const cases: [string[], string][] = [
    [["--depoch", "3"], "Cannot understand --depoch: it is no option of this script"],
    [["3"], "Cannot understand 3: it is no option of this script"],
    [["--epochs"], "Cannot use --epochs as it needs a value: none was given"],
    [["--epochs=0"], "Cannot use --epochs as it must be a whole number from 1 up: 0"],
    [["--epochs=1.5"], "Cannot use --epochs as it must be a whole number from 1 up: 1.5"],
    [["--lr=fast"], "Cannot use --lr as it must be a number from 0 up: fast"],
    [["--lr", "-0.1"], "Cannot use --lr as it must be a number from 0 up: -0.1"],
    [["--lr=-0.1"], "Cannot use --lr as it must be a number from 0 up: -0.1"],
    [["--lr", "NaN"], "Cannot use --lr as it must be a number from 0 up: NaN"],
    [["--lr", "1e999"], "Cannot use --lr as it must be a number from 0 up: 1e999"],
    [["--limit", "-3"], "Cannot use --limit as it must be a whole number from 1 up: -3"],
    [["--limit", "--out", "x"], "Cannot use --limit as it needs a value: none was given"],
    [["-x"], "Cannot understand -x: it is no option of this script"],
    [["--seed=2e16"], "Cannot use --seed as it must be a whole number from 0 to 9007199254740991: 2e16"],
    [["--root", "/no/such"], "Cannot use --root as it must be a folder that is there: /no/such"],
    [["--plain=yes"], "Cannot use --plain as it takes no value: yes"],
    [["--lang=fr"], "Cannot use --lang as it must be en or zh: fr"],
    [["--part=1,4"], "Cannot use --part as it must be some of 1,2,3: 1,4"],
  ];
  for (const [args, message] of cases) assertThrows(() => parseOptions(specs, args), RangeError, message);
});

Deno.test("parseOptions() takes an option with or without its number", () => {
  const specs = { serve: { help: "", number: true, bare: 0, integer: true }, out: { help: "" } } as const;
  const serve = (...args: string[]) => parseOptions(specs, args)!.serve;
  assertEquals([serve(), serve("--serve"), serve("--serve", "8123"), serve("--serve=9")], [
    undefined,
    0,
    8123,
    9,
  ]);
  assertEquals(parseOptions(specs, ["--serve", "--out", "runs"]), { serve: 0, out: "runs" });
});
