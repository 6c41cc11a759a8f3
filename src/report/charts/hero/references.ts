import { inks } from "../look.ts";
import type { LineEnd } from "./end-labels.ts";

/** A power of length, through a point of the chart and no further than its edges. */
interface Reference {
  readonly name: string;
  readonly points: readonly [start: ReferencePoint, end: ReferencePoint];
  /** Whether it leaves the chart at the top, before the longest length. */
  readonly atTop: boolean;
}

interface ReferencePoint {
  readonly length: number;
  readonly value: number;
}

/** The lines `value · (N / length)^power` from a point to the longest length or the top of the chart. */
export function references(
  powers: readonly number[],
  letter: string,
  from: ReferencePoint,
  longest: number,
  top: number,
): readonly Reference[] {
  if (!(from.length < longest)) return [];
  return powers.map((power) => {
    const name = `∝ ${letter}${power === 2 ? "²" : ""}`;
    const end = from.value * (longest / from.length) ** power;
    if (end <= top) return { name, points: [from, { length: longest, value: end }], atTop: false };
    const length = from.length * (top / from.value) ** (1 / power);
    return { name, points: [from, { length, value: top }], atTop: true };
  });
}

/** Ends that are named beside the chart. */
export function referenceEnds(lines: readonly Reference[]): readonly LineEnd[] {
  return lines
    .filter(({ atTop }) => !atTop)
    .map(({ name, points: [, end] }) => ({ series: null, name, emphasised: false, ...end }));
}

/** References, quiet and behind all else, those that leave at the top named there. */
export function referenceLayers<X, Y extends { readonly field: string }>(
  lines: readonly Reference[],
  x: X,
  y: Y,
  fontSize: number,
) {
  if (lines.length === 0) return [];
  const ends = lines.filter(({ atTop }) => atTop);
  const rows = (some: readonly Reference[], of: (line: Reference) => readonly ReferencePoint[]) =>
    some.flatMap((line) =>
      of(line).map(({ length, value }) => ({ name: line.name, length, [y.field]: value })),
    );
  return [
    {
      data: { values: rows(lines, ({ points }) => points) },
      mark: { type: "line" as const, color: inks.line.light, strokeWidth: 1, strokeDash: [2, 4] },
      encoding: { x, y, detail: { field: "name", type: "nominal" as const } },
    },
    ...(ends.length === 0
      ? []
      : [
          {
            data: { values: rows(ends, ({ points: [, end] }) => [end]) },
            mark: {
              type: "text" as const,
              color: inks.text.light,
              baseline: "bottom" as const,
              dy: -3,
              fontSize,
            },
            encoding: { x, y, text: { field: "name", type: "nominal" as const } },
          },
        ]),
  ];
}
