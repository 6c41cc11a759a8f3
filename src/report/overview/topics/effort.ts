import { countText } from "../../../text/count-text.ts";
import { formatPercent, formatSeconds } from "../../../text/format.ts";
import { numbers, type Table, words } from "../../topics/details.ts";
import type { Facet, Overview } from "../overview.ts";
import type { OverviewTopic } from "./topic.ts";

/** Facets of a table. */
const MOST = 10;

/** Which facets took longest, and which were the least steady. */
export const effort: OverviewTopic = {
  id: "effort",
  title: () => "Slowest and noisiest",
  answer({ facets, shards }) {
    const seconds = facets.reduce((sum, one) => sum + one.seconds, 0);
    const [noisiest] = facets.toSorted((a, b) => (b.noise ?? 0) - (a.noise ?? 0));
    const noisy =
      noisiest === undefined || noisiest.noise === null
        ? ""
        : ` The noisiest facet is ${noisiest.name}, ±${formatPercent(noisiest.noise)} at the median.`;
    return `${countText(shards, "shard")} took ${formatSeconds(seconds)} of machine time.${noisy}`;
  },
  tables: () => [],
  details: (overview) =>
    [
      table(overview, "The slowest facets", "Seconds from the beginning of each shard to its last round.", {
        value: ({ seconds }) => seconds,
        text: formatSeconds,
        head: "machine time",
      }),
      table(overview, "The noisiest facets", "Half the 95 % interval of a time, at the median over cases.", {
        value: ({ noise }) => noise,
        text: (noise) => `±${formatPercent(noise)}`,
        head: "interval",
      }),
      table(
        overview,
        "The most disturbed facets",
        "Rounds with a warning, such as of other programs that ran.",
        {
          value: ({ disturbed }) => (disturbed > 0 ? disturbed : null),
          text: (share) => formatPercent(share),
          head: "disturbed rounds",
        },
      ),
      table(
        overview,
        "Facets whose machines drifted most",
        "By how much the baseline took longer in one shard than in another, at the median over its cases.",
        {
          value: ({ drift }) => (drift === null ? null : drift - 1),
          text: (share) => formatPercent(share),
          head: "drift",
        },
      ),
    ].flat(),
};

interface Measure {
  readonly value: (facet: Facet) => number | null;
  readonly text: (value: number) => string;
  readonly head: string;
}

function table(
  { facets }: Overview,
  title: string,
  note: string,
  { value, text, head }: Measure,
): readonly Table[] {
  const known = facets.flatMap((facet) => {
    const own = value(facet);
    return own === null ? [] : [{ facet, own }];
  });
  if (known.length === 0) return [];
  return [
    {
      title,
      note,
      heads: [...words("facet"), ...numbers(["shards", head])],
      rows: known
        .sort((a, b) => b.own - a.own)
        .slice(0, MOST)
        .map(({ facet: { name, shards }, own }) => ({
          series: null,
          cells: [{ text: name }, { text: `${shards}`, sort: shards }, { text: text(own), sort: own }],
        })),
    },
  ];
}
