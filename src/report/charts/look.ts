import { familyOf } from "../../core/family.ts";

/** How a variant is drawn: the same in every chart of a report. */
export interface Look {
  readonly color: string;
  readonly shape: Shape;
}

type Shape = (typeof shapes)[number];

/**
 * Colours on paper and their counterparts on a dark page. Any two differ visibly to people with and without
 * each kind of colour blindness, and each contrasts with its ground by at least 3 : 1; the tests compute
 * both.
 */
export const palette = [
  { light: "#5f6673", dark: "#dfe6ea" },
  { light: "#062a70", dark: "#2f74dd" },
  { light: "#a3301c", dark: "#f47a2c" },
  { light: "#058d56", dark: "#2ff08a" },
  { light: "#c23bb8", dark: "#c9689f" },
  { light: "#cc7305", dark: "#f5e10a" },
  { light: "#3397fa", dark: "#8cc4fc" },
  { light: "#4d0f24", dark: "#d93a55" },
  { light: "#ff2255", dark: "#cc0000" },
  { light: "#4444cc", dark: "#88aa88" },
  { light: "#cc77aa", dark: "#bb0099" },
  { light: "#8800ff", dark: "#8811ff" },
] as const;

/** The family of what came with a plug-in, and of what the reader of the results does not know. */
export const PLUG_INS = familyOf({}).id;

/**
 * The colours of each family: one for the family, and one more, for every second variant, of the same hue. All of them
 * and the ink of the text differ by at least 11 in CIELAB to people with and without each kind of colour blindness, those
 * of one family by 19, and each contrasts with its ground by at least 3 : 1; the tests compute all three.
 */
export const familyPalettes: readonly FamilyPalette[] = [
  {
    id: "dense",
    shades: [
      { light: "#59546a", dark: "#b0afb4" },
      { light: "#8688a1", dark: "#626877" },
    ],
  },
  {
    id: "sparse",
    shades: [
      { light: "#3f3d9c", dark: "#6ea5ff" },
      { light: "#6678f7", dark: "#1a54f0" },
    ],
  },
  {
    id: "image",
    shades: [
      { light: "#8a6d16", dark: "#98d76f" },
      { light: "#3b3b00", dark: "#edfe07" },
    ],
  },
  {
    id: "graph",
    shades: [
      { light: "#642e3c", dark: "#ffa496" },
      { light: "#290000", dark: "#f14b4b" },
    ],
  },
  {
    id: "low-rank",
    shades: [
      { light: "#1aa76a", dark: "#37b266" },
      { light: "#0a6131", dark: "#c6ffa1" },
    ],
  },
  {
    id: "feature-map",
    shades: [
      { light: "#ae2c37", dark: "#e6041e" },
      { light: "#de7165", dark: "#b8364b" },
    ],
  },
  {
    id: "recurrence",
    shades: [
      { light: "#a502bd", dark: "#f264f0" },
      { light: "#e348d2", dark: "#b90f9d" },
    ],
  },
  {
    id: "mixing",
    shades: [
      { light: "#14769f", dark: "#89d7fd" },
      { light: "#06364c", dark: "#1382b9" },
    ],
  },
  {
    id: "selection",
    shades: [
      { light: "#bf8911", dark: "#db7c00" },
      { light: "#635100", dark: "#fed655" },
    ],
  },
  {
    id: "layer",
    shades: [
      { light: "#604af7", dark: "#a42cca" },
      { light: "#29004f", dark: "#b98ab7" },
    ],
  },
  {
    id: "baseline",
    shades: [
      { light: "#a69141", dark: "#bdb53e" },
      { light: "#2e1e00", dark: "#766407" },
    ],
  },
  {
    id: PLUG_INS,
    shades: [
      { light: "#4e655f", dark: "#6cfdc3" },
      { light: "#739b8d", dark: "#6e9583" },
    ],
  },
];

interface FamilyPalette {
  readonly id: string;
  readonly shades: readonly [Shade, Shade];
}

/** A colour on paper and its counterpart on a dark page. */
interface Shade {
  readonly light: string;
  readonly dark: string;
}

/** Ink, lines and ground of the charts, on paper and on a dark page. */
export const inks = {
  text: { light: "#1b1f26", dark: "#e8ebf0" },
  line: { light: "#8a919c", dark: "#78808c" },
  grid: { light: "#e3e6ea", dark: "#2c323b" },
  ground: { light: "#ffffff", dark: "#14171c" },
} as const;

/** Shapes of marks, told apart by their corners. */
export const shapes = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "cross",
  "triangle-down",
  "triangle-right",
  "triangle-left",
] as const;

/** Dashes of a line by the place of its style in the report. */
export const dashes: readonly (readonly number[])[] = [
  [1, 0],
  [6, 3],
  [2, 2],
  [9, 3, 2, 3],
  [12, 4],
  [4, 2, 1, 2, 1, 2],
];
