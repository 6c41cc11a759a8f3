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
] as const;

/** The family of what came with a plug-in, and of what the reader of the results does not know. */
export const PLUG_INS = familyOf({}).id;

/**
 * The colours of each family: one for the family, and one more, for every second variant, of the same hue. All of them
 * and the ink of the text differ by at least 11 in CIELAB to people with and without each kind of colour blindness, those
 * of one family by 19, each contrasts with its ground by at least 3 : 1, and none on paper is nearly black; the tests compute
 * all four.
 */
export const familyPalettes: readonly FamilyPalette[] = [
  {
    id: "dense",
    shades: [
      { light: "#444559", dark: "#b0afb4" },
      { light: "#797a8f", dark: "#626877" },
    ],
  },
  {
    id: "sparse",
    shades: [
      { light: "#1930c9", dark: "#6ea5ff" },
      { light: "#777adf", dark: "#1a54f0" },
    ],
  },
  {
    id: "image",
    shades: [
      { light: "#8c994f", dark: "#98d76f" },
      { light: "#4d480e", dark: "#edfe07" },
    ],
  },
  {
    id: "graph",
    shades: [
      { light: "#603d3e", dark: "#ffa496" },
      { light: "#a37973", dark: "#f14b4b" },
    ],
  },
  {
    id: "low-rank",
    shades: [
      { light: "#038223", dark: "#37b266" },
      { light: "#29572a", dark: "#c6ffa1" },
    ],
  },
  {
    id: "feature-map",
    shades: [
      { light: "#e44934", dark: "#e6041e" },
      { light: "#96000c", dark: "#b8364b" },
    ],
  },
  {
    id: "recurrence",
    shades: [
      { light: "#d15cbd", dark: "#f264f0" },
      { light: "#8c09af", dark: "#b90f9d" },
    ],
  },
  {
    id: "mixing",
    shades: [
      { light: "#396385", dark: "#89d7fd" },
      { light: "#3e99cf", dark: "#1382b9" },
    ],
  },
  {
    id: "selection",
    shades: [
      { light: "#bf8b00", dark: "#db7c00" },
      { light: "#9a5000", dark: "#fed655" },
    ],
  },
  {
    id: "layer",
    shades: [
      { light: "#8c42ff", dark: "#a42cca" },
      { light: "#6f3690", dark: "#b98ab7" },
    ],
  },
  {
    id: "baseline",
    shades: [
      { light: "#6b664d", dark: "#bdb53e" },
      { light: "#a3936b", dark: "#766407" },
    ],
  },
  {
    id: PLUG_INS,
    shades: [
      { light: "#516766", dark: "#6cfdc3" },
      { light: "#819999", dark: "#6e9583" },
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

/** Dashes of a line by the place of its style in the report; beyond the last they begin again. */
export const dashes: readonly (readonly number[])[] = [
  [1, 0],
  [6, 3],
  [2, 2],
  [9, 3, 2, 3],
  [12, 4],
  [4, 2, 1, 2, 1, 2],
  [3, 6],
  [14, 3, 5, 3],
  [8, 8],
  [16, 3, 2, 3, 2, 3],
  [5, 2, 5, 7],
  [20, 10],
  [1, 2, 1, 7],
  [12, 3, 1, 2, 1, 2, 1, 3],
  [3, 3, 10, 3],
  [24, 3, 3, 3],
];
