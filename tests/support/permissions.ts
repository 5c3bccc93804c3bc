/**
 * What a script asks for, beside what deno.json lets scripts have.
 *
 * @module
 */
import { assertEquals } from "@std/assert";

/** A permission that a process asked for, as Deno writes it down. */
interface Asked {
  readonly permission: string;
  readonly value: unknown;
}

const CONFIG = new URL("../../deno.json", import.meta.url);
const { permissions: { default: GRANTED } } = JSON.parse(await Deno.readTextFile(CONFIG));

/** The values that are granted by name. Reading and writing are granted everywhere, as the user names folders. */
const BY_NAME: Readonly<Record<string, readonly string[]>> = { env: GRANTED.env.allow, net: GRANTED.net };

/** Whether deno.json grants it. */
function isGranted({ permission, value }: Asked): boolean {
  const { [permission]: names } = BY_NAME;
  const name = String(value).replace(/^https:\/\/([^/]*)\/.*$/s, "$1").replace(/:\d+$/, ""); // an address, or its host
  return names ? names.includes(name) : GRANTED[permission] === true;
}

/**
 * Runs a process whose environment has what is given, and sees that it asked for nothing but what deno.json grants scripts:
 * also where it would have done without. What Deno does not write down, as running another process, is denied all the same.
 */
export async function audited<T>(run: (env: Record<string, string>) => Promise<T>): Promise<T> {
  const file = await Deno.makeTempFile();
  try {
    const result = await run({ DENO_AUDIT_PERMISSIONS: file });
    const asked: Asked[] = (await Deno.readTextFile(file)).trim().split("\n").filter(Boolean).map((line) =>
      JSON.parse(line)
    );
    assertEquals(
      asked.filter((each) => !isGranted(each)).map(({ permission, value }) => ({ permission, value })),
      [],
    );
    return result;
  } finally {
    await Deno.remove(file);
  }
}
