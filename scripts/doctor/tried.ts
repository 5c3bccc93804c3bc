/**
 * Checks that may not even run: a kernel that does not compile is a finding, not the end.
 *
 * @module
 */
import type { Check, Group } from "./report.ts";

/** What `check` gives, or a check that failed with its error. */
export async function tried(group: Group, name: string, check: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await check();
  } catch (error) {
    return [{ group, name, ok: false, found: [String(error instanceof Error ? error.message : error)] }];
  }
}
