import { spanOf } from "./axes.ts";
import type { Line } from "./line-chart.ts";
import { inks } from "./look.ts";

/** A value that matters in itself, and what it is. */
interface Rule {
  readonly value: number;
  readonly label: string;
}

/** What a chart spans: values of its vertical axis, and pixels. */
interface Frame {
  readonly domain: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** Where a label stands: at the left or the right end of its rule, above or below it. */
interface Place {
  readonly left: boolean;
  readonly above: boolean;
}

/** Pixels that a label takes: for each character, from top to bottom, and between it and its rule. */
const LABEL = { character: 7, height: 14, gap: 4 } as const;

/**
 * A rule drawn across a chart, with its label where no line passes: above or below it, on the side with more room if
 * it can be, at the right end if it can be. `reached` are all values that are drawn.
 */
export function ruleLayers(
  { value, label }: Rule,
  reached: readonly number[],
  lines: readonly Line[],
  frame: Frame,
) {
  const [least, most] = spanOf(reached);
  const roomy = value < Math.sqrt(least) * Math.sqrt(most);
  const places = [roomy, !roomy].flatMap((above) => [false, true].map((left): Place => ({ left, above })));
  const free = places.find((place) => !lines.some((line) => passes(line, value, label, place, frame, lines)));
  const { left, above } = free ?? places[0];
  // A row of its own, or the rule would be drawn once for every point of the chart.
  const data = { values: [{}] };
  const y = { datum: value };
  const color = inks.text.light;
  const text = {
    type: "text" as const,
    color,
    align: left ? ("left" as const) : ("right" as const),
    baseline: above ? ("bottom" as const) : ("top" as const),
    dx: left ? LABEL.gap : -LABEL.gap,
    dy: above ? -LABEL.gap : LABEL.gap,
  };
  return [
    { data, mark: { type: "rule" as const, color, strokeWidth: 1.5 }, encoding: { y } },
    {
      data,
      mark: text,
      encoding: { x: { value: left ? 0 : ("width" as const) }, y, text: { value: label } },
    },
  ];
}

/** Steps along a label at which a line is looked for. */
const STEPS = 16;

/** Whether a line passes through the label of a rule. */
function passes(
  { points }: Line,
  rule: number,
  label: string,
  { left, above }: Place,
  { domain, width, height }: Frame,
  lines: readonly Line[],
): boolean {
  const [first, last] = spanOf(lines.flatMap((line) => line.points.map(({ row }) => Math.log(row.length))));
  const stretch = Math.min(1, (LABEL.character * label.length + LABEL.gap) / width) * (last - first);
  const unit = (Math.log(domain[1]) - Math.log(domain[0])) / height;
  return Array.from({ length: STEPS + 1 }, (_, step) => (step / STEPS) * stretch).some((along) => {
    const value = valueAt(points, left ? first + along : last - along);
    if (value === null) return false;
    const pixels = (Math.log(value / rule) / unit) * (above ? 1 : -1);
    return -1 < pixels && pixels < LABEL.height + 2 * LABEL.gap;
  });
}

/** The value of a line at a logarithm of length, as it is drawn; null where it has none. */
function valueAt(points: Line["points"], at: number): number | null {
  const after = points.findIndex(({ row }) => Math.log(row.length) >= at - 1e-9);
  if (after < 0) return null;
  const [from, to] = [points[after - 1], points[after]];
  const end = Math.log(to.row.length);
  if (from === undefined) return end - at < 1e-9 ? to.value : null;
  const begin = Math.log(from.row.length);
  const share = (at - begin) / (end - begin);
  return Math.exp((1 - share) * Math.log(from.value) + share * Math.log(to.value));
}
