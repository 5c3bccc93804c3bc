/**
 * The colours of curves and layers.
 *
 * @module
 */

/** Okabe and Ito's colours for every kind of colour vision, but for yellow, which is too pale on white. */
export const PALETTE = {
  blue: "#0072b2",
  vermilion: "#d55e00",
  green: "#009e73",
  purple: "#cc79a7",
  black: "#000000",
  orange: "#e69f00",
  skyBlue: "#56b4e9",
} as const;
