/**
 * How a variant is drawn: the same in every chart of a report, and distinguishable from all others even
 * without its colour.
 */
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
] as const;

/** Ink, lines and ground of the charts, on paper and on a dark page. */
export const inks = {
  text: { light: "#1b1f26", dark: "#e8ebf0" },
  line: { light: "#8a919c", dark: "#78808c" },
  grid: { light: "#e3e6ea", dark: "#2c323b" },
  ground: { light: "#ffffff", dark: "#14171c" },
} as const;

const shapes = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "cross",
  "triangle-down",
  "triangle-right",
  "triangle-left",
] as const;

/**
 * Fixed places in the palette, so that two reports agree. Nothing depends on them: other variants take free
 * ones.
 */
const places: readonly string[] = ["full", "local", "stride", "global", "longformer", "bigbird", "linear"];

/**
 * Gives every variant its look: those with a fixed place get it, the others the next free ones in
 * alphabetical order. Fifty-seven looks differ; after that they repeat.
 */
export function looksOf(variants: readonly string[]): (variant: string) => Look {
  const others = [...new Set(variants)].filter((variant) => !places.includes(variant)).sort();
  const placed = new Map([...places, ...others].map((variant, place) => [variant, look(place)]));
  return (variant) => {
    const found = placed.get(variant);
    if (found === undefined) throw new RangeError("looksOf: the variant must be one of those given");
    return found;
  };
}

/**
 * The first place keeps its grey to itself; the others cycle through the colours, with another shape each
 * time round.
 */
function look(place: number): Look {
  const turn = place - 1;
  const lap = Math.floor(turn / (palette.length - 1));
  const hue = place === 0 ? 0 : 1 + (turn % (palette.length - 1));
  // Three shares no factor with the eight shapes, so that a colour meets each shape once before any repeats.
  const shape = place === 0 ? 0 : (hue + 3 * lap) % shapes.length;
  return { color: palette[hue].light, shape: shapes[shape] };
}

/** Dashes of a line by the place of its style in the report. */
export const dashes: readonly (readonly number[])[] = [
  [1, 0],
  [6, 3],
  [2, 2],
  [9, 3, 2, 3],
  [12, 4],
  [4, 2, 1, 2, 1, 2],
];
