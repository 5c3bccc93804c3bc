/**
 * Checks that may not even run: a kernel that does not compile is a finding, not the end.
 *
 * @module
 */
import type { Check, Group } from "./report.ts";

/** What `check` gives, or a check that failed, if the library refused on the way; any other error is a bug of ours. */
export async function tried(group: Group, name: string, check: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("Cannot "))) throw error;
    return [{ group, name, ok: false, found: [error.message] }];
  }
}
