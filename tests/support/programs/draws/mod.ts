/**
 * How each operation and each layer is drawn, by name.
 *
 * @module
 */
import { type Draw, ELEMENTS, REDUCTIONS, SHAPES } from "./elements.ts";
import { FAMILIES } from "./families.ts";

/** Draws by the operation's name, or `nn.` and that of the layer. */
export const DRAWS: Readonly<Record<string, Draw>> = Object.fromEntries([
  ...ELEMENTS,
  ...REDUCTIONS,
  ...SHAPES,
  ...FAMILIES,
]);
