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
  { light: "#ff2255", dark: "#cc0000" },
  { light: "#4444cc", dark: "#88aa88" },
  { light: "#cc77aa", dark: "#bb0099" },
  { light: "#8800ff", dark: "#8811ff" },
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
 * Gives every variant its look: those with a fixed place get it, the others, in alphabetical order, colours
 * that nothing else in the report has. `more` are names of lines that come after all variants. As many as the
 * palette has colours differ in colour; eighty-nine differ in colour or shape, and after that looks repeat.
 */
export function looksOf(
  variants: readonly string[],
  more: readonly string[] = [],
): (variant: string) => Look {
  const names = [...new Set([...[...new Set(variants)].sort(), ...[...new Set(more)].sort()])];
  const others = names.filter((name) => !places.includes(name));
  const free = freeLooks(names);
  const given = new Map<string, Look>(places.map((name, hue) => [name, look(hue, 0)]));
  for (const [at, name] of others.entries()) given.set(name, free[at % free.length]);
  return (name) => {
    const found = given.get(name);
    if (found === undefined) throw new RangeError("looksOf: the variant must be one of those given");
    return found;
  };
}

/**
 * The looks that are left beside the fixed ones of some names: first those of colours that no place has, then
 * those of names that are absent, then every colour again, with another shape each time round. The grey is
 * the first place's alone.
 */
function freeLooks(names: readonly string[]): readonly Look[] {
  const hues = palette.map((_, hue) => hue);
  const cycle = [...hues.slice(places.length), ...hues.slice(1, places.length)];
  return shapes.flatMap((_, lap) =>
    cycle.filter((hue) => lap > 0 || !names.includes(places[hue])).map((hue) => look(hue, lap)),
  );
}

function look(hue: number, lap: number): Look {
  // Three shares no factor with the eight shapes, so that a colour meets each shape once before any repeats.
  return { color: palette[hue].light, shape: shapes[(hue + 3 * lap) % shapes.length] };
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
