/**
 * What is to be done before a script ends, such as closing a server: it would keep the process from ending.
 *
 * @module
 */

const actions: (() => void | Promise<void>)[] = [];

/** Has something done before the script ends, also where it ends by an error. */
export function atEnd(action: () => void | Promise<void>): void {
  actions.push(action);
}

/** Does it, the last first. What fails there changes nothing of how the script ends. */
export async function endAll(): Promise<void> {
  for (const action of actions.splice(0).reverse()) {
    try {
      await action();
    } catch (error) {
      console.error(error);
    }
  }
}
