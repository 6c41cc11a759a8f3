/** Speed-ups from which on a cell has a shade, rising, with a tenth about 1 that is neither faster nor slower. */
const STEPS = [
  { from: 0, shade: "slow-3" },
  { from: 0.25, shade: "slow-2" },
  { from: 0.5, shade: "slow-1" },
  { from: 0.91, shade: "even" },
  { from: 1.1, shade: "fast-1" },
  { from: 2, shade: "fast-2" },
  { from: 5, shade: "fast-3" },
  { from: 15, shade: "fast-4" },
  { from: 50, shade: "fast-5" },
] as const;

/** How a cell of the page is shaded: the more, the further from 1. */
export function heatOf(gain: number): string {
  return STEPS.findLast(({ from }) => gain >= from)?.shade ?? "even";
}

/** Shades for light and dark pages, on which the text keeps its contrast: the numbers say the same. */
const SHADES: Readonly<Record<(typeof STEPS)[number]["shade"], readonly [light: string, dark: string]>> = {
  "slow-3": ["#f2b591", "#7a3512"],
  "slow-2": ["#f8d3bd", "#5c2c14"],
  "slow-1": ["#fcebe1", "#3d2317"],
  even: ["transparent", "transparent"],
  "fast-1": ["#edf4fc", "#15222f"],
  "fast-2": ["#d9e8fa", "#16304a"],
  "fast-3": ["#bfd9f6", "#173e63"],
  "fast-4": ["#a3c8f0", "#1a4c7d"],
  "fast-5": ["#86b7ec", "#1d5a96"],
};

/** The style of shaded cells, by the index of the scheme. */
export function heatStyle(scheme: "light" | "dark"): string {
  return Object.entries(SHADES)
    .map(([shade, [light, dark]]) => `td.${shade} { background: ${scheme === "light" ? light : dark}; }`)
    .join("\n");
}
