import { assertEquals } from "@std/assert";
import { formatFixed, formatShort } from "../../../examples/terminal/numbers.ts";

Deno.test("formatFixed() has an exponent where decimals would say nothing", () => {
  const cases: [number, string][] = [
    [0, "0.000"],
    [2.3026, "2.303"],
    [99999, "99999.000"],
    [135475830784, "1.35e11"],
    [-1.0999999999999999e30, "-1.1e30"],
    [0.0004, "4e-4"],
    [Infinity, "Infinity"],
    [NaN, "NaN"],
  ];
  for (const [value, text] of cases) assertEquals(formatFixed(value), text);
  assertEquals(formatFixed(0.12345, 4), "0.1235");
});

Deno.test("formatShort() needs three digits at the most, but for whole numbers", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [0.30000000000000004, "0.3"],
    [12, "12"],
    [2020, "2020"],
    [1.0999999999999999e22, "1.1e22"],
    [0.00001, "1e-5"],
  ];
  for (const [value, text] of cases) assertEquals(formatShort(value), text);
});
