import { countText } from "../../text/count-text.ts";
import { along } from "../answers/along.ts";
import { curveCharts } from "../charts/curve/index.ts";
import { curvesOf } from "../curves.ts";
import type { Words } from "../words.ts";
import { inFull } from "./details.ts";
import type { Topic } from "./topic.ts";

/** What a larger value of a parameter costs and brings, where one was varied. */
export function parameters(words: Pick<Words, "time" | "fullLength" | "attention">): Topic {
  return {
    id: "parameters",
    title: "What a parameter costs and brings",
    charts: curveCharts(words),
    answer({ parts }) {
      const curves = parts.flatMap(curvesOf);
      const members = curves.flatMap((curve) => curve.members).length;
      return curves.length === 0
        ? null
        : `${countText(curves.length, "parameter")} varied over ${countText(members, "value")}: ${curves
            .slice(0, 3)
            .map(({ label }) => label)
            .join(", ")}${curves.length > 3 ? ` and ${curves.length - 3} more` : ""}.`;
    },
    details: (about) => about.parts.flatMap((series) => inFull(along, { ...about, series })),
  };
}
