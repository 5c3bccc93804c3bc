import { assertEquals } from "@std/assert";
import { isCi, isUtf8 } from "../../../examples/terminal/terminal.ts";

Deno.test("isCi() takes no for an answer", () => {
  for (const value of [undefined, "", " ", "0", "false", "False", "FALSE", "no", "off"]) {
    assertEquals(isCi(() => value), false, value);
  }
  for (const value of ["1", "true", "yes", "woodpecker"]) assertEquals(isCi(() => value), true, value);
});

Deno.test("isUtf8() asks LC_ALL, then LC_CTYPE, then LANG", () => {
  const locale = (variables: Record<string, string>) => isUtf8((name) => variables[name]);
  assertEquals(locale({}), false);
  assertEquals(locale({ LANG: "de_DE.UTF-8" }), true);
  assertEquals(locale({ LANG: "C.utf8" }), true);
  assertEquals(locale({ LANG: "de_DE.UTF-8", LC_ALL: "C" }), false);
  assertEquals(locale({ LANG: "de_DE.UTF-8", LC_CTYPE: "POSIX", LC_ALL: "" }), false);
  assertEquals(locale({ LANG: "C", LC_ALL: "en_US.UTF-8" }), true);
});
