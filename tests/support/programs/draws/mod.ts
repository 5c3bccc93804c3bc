/**
 * How each operation and each layer is drawn, by name.
 *
 * @module
 */
import { type Draw, ELEMENTS, REDUCTIONS, SHAPES } from "./elements.ts";
import { again, FAMILIES } from "./families.ts";
import { FURTHER } from "./further.ts";

/** Draws by the operation's name, or `nn.` and that of the layer. */
export const DRAWS: Readonly<Record<string, Draw>> = Object.fromEntries([
  ...ELEMENTS,
  ...REDUCTIONS,
  ...SHAPES,
  ...FAMILIES,
  ...FURTHER,
]);

/** What is drawn more often than in its turn: writes in place, and layers that are shared. */
export const OFTEN: readonly Draw[] = [DRAWS.set, DRAWS.set, DRAWS.copy, DRAWS.fill, again, again];
