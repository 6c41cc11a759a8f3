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
 * and the ink of the text differ by at least 12 in CIELAB to people with and without each kind of colour blindness, those
 * of one family by 20, and each contrasts with its ground by at least 3 : 1; the tests compute all three.
 */
export const familyPalettes: readonly FamilyPalette[] = [
  {
    id: "dense",
    shades: [
      { light: "#44475d", dark: "#ccbfd7" },
      { light: "#8d92ab", dark: "#70687e" },
    ],
  },
  {
    id: "sparse",
    shades: [
      { light: "#ac75f1", dark: "#a06bfd" },
      { light: "#6411bc", dark: "#8ea6f5" },
    ],
  },
  {
    id: "image",
    shades: [
      { light: "#443400", dark: "#4f6e47" },
      { light: "#9f9550", dark: "#a4db09" },
    ],
  },
  {
    id: "graph",
    shades: [
      { light: "#ea6181", dark: "#caa2a8" },
      { light: "#73323b", dark: "#dc325c" },
    ],
  },
  {
    id: "low-rank",
    shades: [
      { light: "#5a8160", dark: "#d2ffda" },
      { light: "#07341a", dark: "#63bf79" },
    ],
  },
  {
    id: "feature-map",
    shades: [
      { light: "#fa5443", dark: "#fa7764" },
      { light: "#993931", dark: "#df0010" },
    ],
  },
  {
    id: "recurrence",
    shades: [
      { light: "#3c0045", dark: "#ce7bc1" },
      { light: "#8536b2", dark: "#883fc5" },
    ],
  },
  {
    id: "mixing",
    shades: [
      { light: "#5e85bc", dark: "#1b6a9b" },
      { light: "#044579", dark: "#93cefa" },
    ],
  },
  {
    id: "selection",
    shades: [
      { light: "#694b01", dark: "#fddd8e" },
      { light: "#c88601", dark: "#cf870a" },
    ],
  },
  {
    id: "layer",
    shades: [
      { light: "#16007a", dark: "#6c45f1" },
      { light: "#6a4ffc", dark: "#cc4dc2" },
    ],
  },
  {
    id: "baseline",
    shades: [
      { light: "#1a0f00", dark: "#f6b451" },
      { light: "#9a6a02", dark: "#93772c" },
    ],
  },
  {
    id: PLUG_INS,
    shades: [
      { light: "#33a38a", dark: "#66e7ac" },
      { light: "#006958", dark: "#149278" },
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
