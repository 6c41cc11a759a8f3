import type { SketchedArea } from "../../core/pattern-sketch.ts";
import { tooltip } from "./details.ts";
import { inks, palette } from "./look.ts";

/** A part of a pattern, as pictures name and colour it. */
export interface Part {
  readonly role: SketchedArea["role"];
  readonly word: string;
  readonly color: string;
}

/** Each in the colour of the variant that consists of only that part. */
const parts: readonly Part[] = [
  { role: "full", word: "all pairs", color: palette[0].light },
  { role: "state", word: "all, through a state", color: palette[6].light },
  { role: "chosen", word: "some, chosen by q and k", color: palette[4].light },
  { role: "global", word: "global", color: palette[3].light },
  { role: "local", word: "local", color: palette[1].light },
  { role: "stride", word: "stride", color: palette[2].light },
  { role: "other", word: "other", color: inks.line.light },
  { role: "random", word: "random", color: palette[5].light },
];

/** The parts that some areas are of. */
export function partsOf(areas: readonly SketchedArea[]): readonly Part[] {
  const present = new Set(areas.map(({ role }) => role));
  return parts.filter(({ role }) => present.has(role));
}

export function partWord(role: SketchedArea["role"]): string {
  return parts.find((one) => one.role === role)?.word ?? role;
}

/** The colour of a part, with one legend for all charts that are given the same parts. */
export function partChannel(shown: readonly Part[]) {
  return {
    field: "part",
    type: "nominal" as const,
    title: "part of the pattern",
    scale: { domain: shown.map(({ word }) => word), range: shown.map(({ color }) => color) },
    legend: { symbolType: "square", symbolSize: 130 },
  };
}

export const partTooltip = tooltip({ series: "variant", part: "part" });
