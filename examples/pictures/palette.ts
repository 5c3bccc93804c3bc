/**
 * The colours of curves and layers, and the marks of curves.
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

/** Marks that are told apart where they lie on each other: outlines as paths from -1 to 1. */
export const MARKS = [
  "M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0Z",
  "M-1,-1L1,1M-1,1L1,-1",
  "M-0.9,-0.9L0.9,-0.9L0.9,0.9L-0.9,0.9Z",
  "M0,-1.3L1.2,0.8L-1.2,0.8Z",
  "M-1.3,0L1.3,0M0,-1.3L0,1.3",
  "M0,-1.4L1.4,0L0,1.4L-1.4,0Z",
  "M0,1.3L1.2,-0.8L-1.2,-0.8Z",
  "M-1.3,0L0.8,1.2L0.8,-1.2Z",
] as const;
