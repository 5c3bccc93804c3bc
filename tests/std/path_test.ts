import { assertEquals } from "@std/assert";
import { basename, dirname, fromFileUrl, join, relative, resolve, toFileUrl } from "@std/path";

Deno.test("paths are joined, split and measured from one another", () => {
  const root = Deno.build.os === "windows" ? "C:\\" : "/";
  const file = join(root, "a", "..", "b", "c.txt");
  assertEquals(file, resolve(root, "b", "c.txt"));
  assertEquals(basename(file), "c.txt");
  assertEquals(basename(file, ".txt"), "c");
  assertEquals(dirname(file), join(root, "b"));
  assertEquals(relative(root, file), join("b", "c.txt"));
  assertEquals(resolve("x"), join(Deno.cwd(), "x"));
});

Deno.test("paths become file URLs and come back", () => {
  const path = resolve("a folder", "b%c.txt");
  assertEquals(toFileUrl(path).href.endsWith("/a%20folder/b%25c.txt"), true);
  assertEquals(fromFileUrl(toFileUrl(path)), path);
  assertEquals(fromFileUrl(toFileUrl(path).href), path);
});
