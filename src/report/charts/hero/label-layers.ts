import { inks } from "../look.ts";
import type { EndLabel } from "./end-labels.ts";
import type { HeroChannels } from "./line-layers.ts";
import { LABELS } from "./names.ts";

const place = (field: keyof EndLabel) => ({ value: { expr: `datum.${field}` } });

/** The names beside a plot, each with its line's mark and a thin line that leads there. */
export function labelLayers(
  labels: readonly EndLabel[],
  { color, shape }: Pick<HeroChannels, "color" | "shape">,
  fontSize: number,
) {
  const data = { name: LABELS, values: [...labels] };
  const named = [{ filter: "isValid(datum.series)" }];
  const lead = { x: place("end_x"), y: place("end_y"), x2: place("mark_x"), y2: place("text_y") };
  return [
    {
      data,
      transform: [{ filter: "!isValid(datum.series)" }],
      mark: { type: "rule" as const, color: inks.line.light, strokeWidth: 1, strokeDash: [1, 2] },
      encoding: lead,
    },
    {
      data,
      transform: named,
      mark: { type: "rule" as const, strokeWidth: 1, strokeDash: [1, 2] },
      encoding: { ...lead, color },
    },
    {
      data,
      transform: named,
      mark: { type: "point" as const, filled: true, size: 55, opacity: 1 },
      encoding: { x: place("mark_x"), y: place("text_y"), color, shape },
    },
    {
      data,
      mark: {
        type: "text" as const,
        align: "left" as const,
        baseline: "middle" as const,
        color: inks.text.light,
        fontSize,
        fontWeight: { expr: "datum.emphasised ? 'bold' : 'normal'" },
      },
      encoding: { x: place("text_x"), y: place("text_y"), text: { field: "text", type: "nominal" as const } },
    },
  ];
}
