import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

Deno.test("parseArgs() guesses kinds when nothing is declared", () => {
  assertEquals(parseArgs(["--lr", "0.9", "--name=a=b", "-v", "file", "--", "--rest", "7"]), {
    lr: 0.9,
    name: "a=b",
    v: "file",
    _: ["--rest", "7"],
  });
  assertEquals(parseArgs(["12", "-", "--last"]), { _: [12, "-"], last: true });
  const texts: Record<string, unknown> = parseArgs(["12", "07"], { string: "_" });
  assertEquals(texts._, ["12", "07"]);
});

Deno.test("parseArgs() keeps strings, and leaves what was not given undefined", () => {
  const args = parseArgs(["--epochs", "010", "--out="], { string: ["epochs", "root"] });
  const epochs: string | undefined = args.epochs;
  assertEquals(epochs, "010");
  assertEquals(args.root, undefined);
  assertEquals(Object.hasOwn(args, "root"), false);
});

Deno.test("parseArgs() gives an empty string where a value is missing", () => {
  const options = { string: ["epochs", "lr"] as const };
  assertEquals(parseArgs(["--epochs"], options).epochs, "");
  assertEquals(parseArgs(["--epochs", "--lr", "1"], options), { epochs: "", lr: "1", _: [] });
});

Deno.test("parseArgs() takes defaults and flags", () => {
  const args = parseArgs(["--help", "1"], {
    boolean: ["help", "plain"],
    string: ["lr"],
    default: { lr: "0.9", plain: true },
  });
  const lr: string = args.lr;
  const help: boolean = args.help;
  assertEquals([lr, help, args.plain, args._], ["0.9", true, true, [1]]);
  assertEquals(parseArgs([], { boolean: "help" }).help, false);
  assertEquals(parseArgs(["--help=false"], { boolean: "help" }).help, false);
  assertEquals(parseArgs(["--help", "false"], { boolean: "help" }), { help: false, _: [] });
});

Deno.test("parseArgs() sets every name of an option", () => {
  const options = {
    boolean: ["help"],
    string: ["epochs"],
    alias: { help: "h", epochs: ["n", "e"] },
  } as const;
  assertEquals(parseArgs(["-h", "-n", "3"], options), {
    help: true,
    h: true,
    epochs: "3",
    n: "3",
    e: "3",
    _: [],
  });
  assertEquals(parseArgs(["--epochs=4"], options).n, "4");
  assertEquals(parseArgs([], options), { help: false, h: false, _: [] });
  assertEquals(parseArgs(["-ab"], { boolean: ["a", "b"] }), { a: true, b: true, _: [] });
});

Deno.test("parseArgs() collects and negates what it is told to", () => {
  const options = {
    string: ["model"],
    boolean: ["color"],
    collect: ["model"],
    negatable: ["color"],
  } as const;
  assertEquals(parseArgs(["--model", "a", "--no-color", "--model=b"], options), {
    model: ["a", "b"],
    color: false,
    _: [],
  });
  const models: string[] = parseArgs([], options).model;
  assertEquals(models, []);
  const undeclared: Record<string, unknown> = parseArgs(["--no-color"], { boolean: ["color"] });
  assertEquals(undeclared, { "no-color": true, color: false, _: [] });
});

Deno.test("parseArgs() shows unknown() what was not declared, positions too", () => {
  const seen: unknown[][] = [];
  const unknown = (...args: unknown[]) => {
    seen.push(args);
    return false;
  };
  const args = parseArgs(["--lr", "1", "--epoch", "2", "-x", "file", "--flag=3"], {
    string: ["lr"],
    unknown,
  });
  assertEquals(args, { lr: "1", _: [] });
  assertEquals(seen, [["--epoch", "epoch", "2"], ["-x", "x", "file"], ["--flag=3", "flag", "3"]]);
  seen.length = 0;
  assertEquals(parseArgs(["file"], { string: ["lr"], unknown }), { _: [] });
  assertEquals(seen, [["file"]]);
});
