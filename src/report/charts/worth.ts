import { formatPercent, formatRatio } from "../../text/format.ts";
import { seriesOf } from "../series.ts";
import type { Words } from "../words.ts";
import { mostGained, projectedShare, WORTHWHILE, worthAt, worthOf } from "../worth.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";

const title = "What a faster attention is worth in the layer";

/** The speed-up of the attention within a layer, and what is left of it in the layer. */
export function worth({ baseline }: Pick<Words, "baseline">): Chart {
  return {
    id: "worth",
    title,
    caption:
      `How many times as fast as ${baseline}. Dashed, with small hollow marks: attention alone, which is a layer's time without its ` +
      "projections. Solid: the whole layer, whose projections a faster attention leaves as they are. Dotted: the layer if attention " +
      `took no time; beyond, in grey, comes only a layer whose own projections take less than those of ${baseline}. A large hollow ` +
      `mark by the line at ${WORTHWHILE}× is the length from which the layer gains that, between two measured lengths; its whisker runs as ` +
      "far as the band meets the line. A band divides the ends of the two intervals crosswise, so it is wider than a 95 % interval.",
    absent: `No variant was measured as a layer that times its projections at a length at which ${baseline} was too.`,
    concerns: ({ rows }) => seriesOf(rows).some((one) => worthOf(one).length > 0),
    spec: (results) =>
      lineChart(results, {
        title,
        quantity: { field: "layer_gain", title: `speed-up over ${baseline}`, format: formatRatio },
        legend: "fastest layer at the longest length first",
        usual: "the whole layer",
        second: {
          field: "inner_gain",
          name: "its attention alone",
          marked: true,
          of: ({ length }, series) => worthAt(series, length)?.inner ?? null,
        },
        limit: {
          name: "if attention took no time",
          of(row) {
            const share = projectedShare(row);
            return share === null ? null : mostGained(share);
          },
        },
        rule: {
          value: WORTHWHILE,
          label: `the layer gains ${WORTHWHILE}×`,
          crossed: `gains ${WORTHWHILE}× from length`,
        },
        told: {
          titles: { attention: "its attention alone", layer: "the whole layer", projections: "projections" },
          of({ length }, series) {
            const found = worthAt(series, length);
            if (found === null) return {};
            return {
              attention: formatRatio(found.inner, 3),
              layer: formatRatio(found.layer.ratio, 3),
              projections: `${formatPercent(found.ownShare)} of its time, ${formatPercent(found.share)} of ${baseline}'s`,
            };
          },
        },
        measure({ length }, series) {
          const layer = worthAt(series, length)?.layer;
          return layer === undefined ? null : { value: layer.ratio, low: layer.low, high: layer.high };
        },
      }),
  };
}
