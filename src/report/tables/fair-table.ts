import { isFullAttention } from "../../record/schema/baseline.ts";
import { identityKey } from "../../record/schema/identity.ts";
import { formatRatio } from "../../text/format.ts";
import { generationRatio } from "../generation.ts";
import { lengthsOf, type Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";

/**
 * How many times faster each series generates a number of tokens than softmax that recomputes, and than
 * softmax with a cache.
 */
export interface FairTable {
  /** Tokens generated from nothing, rising: those measured, and those of the paper. */
  readonly tokens: readonly number[];
  /** Two rows per series, if both are known; those of the paper last. */
  readonly rows: readonly FairRow[];
}

interface FairRow {
  /** Null in the paper's rows. */
  readonly series: Series | null;
  readonly name: string;
  /** Recomputing is unfair: nobody generates like that. Everybody uses a cache. */
  readonly over: "recomputed" | "cached";
  /** One cell per count of tokens. */
  readonly cells: readonly FairCell[];
}

interface FairCell {
  /** `31×`; `–` if one of the two was not measured that far. */
  readonly ratio: string;
  /** `29–33×`; empty if it is not known. */
  readonly interval: string;
}

/**
 * "Transformers are RNNs", Katharopoulos et al. 2020: images per second, one token per pixel, by linear
 * attention.
 */
const paper: Readonly<Record<FairRow["over"], ReadonlyMap<number, string>>> = {
  recomputed: new Map([
    [784, "317×"],
    [3072, "4462×"],
  ]),
  cached: new Map([
    [784, "≈19×"],
    [3072, "≈56×"],
  ]),
};

/** Where the paper's numbers come from, and what they are not. */
export const PAPER_NOTE =
  "The paper is “Transformers are RNNs” (Katharopoulos et al. 2020, arXiv 2006.16236), linear attention: up to 317× (MNIST, " +
  "784 tokens) and 4462× (CIFAR-10, 3072 tokens) images per second against a softmax that recomputes everything; against a " +
  "stateful softmax, one with a cache, its own supplement implies about 19× and 56×. These are whole models, on their " +
  "hardware, at their batch; here it is attention alone, on this machine. Compare how far apart the two rows lie, not the numbers.";

/** The same in a line. */
export const PAPER_LINE =
  "the paper: arXiv 2006.16236, whole models on their hardware at their batch; ≈ is implied by its supplement";

/** How this run's numbers are obtained. */
export const FAIR_NOTE =
  "Time of the baseline over that of the variant to generate the given number of tokens from nothing, worked out from the measured times " +
  "per token; counts between measured positions, such as the paper's, are interpolated, and below the first the law through the first two is extended. “Over recomputed” is the unfair " +
  "ratio, over a softmax that computes the whole sequence anew for each token; “over cached” the fair one, over a softmax with a " +
  "key-value cache. Intervals divide the ends of both times crosswise.";

/** The table for the steps of a report; null if no ratio is known. */
export function fairTable(series: readonly Series[]): FairTable | null {
  const recomputing = new Map(
    series
      .filter((one) => one.operation.ofBaselineAlone && isFullAttention(one))
      .map((one) => [placeOf(one), one] as const),
  );
  const stepped = series.filter((one) => one.operation.keepsState);
  const timed = stepped.map((one) => ({ ...one, rows: one.rows.filter(isTimed) }));
  const measured = lengthsOf(timed);
  const tokens = [...new Set([...measured, ...paper.cached.keys()])].sort((a, b) => a - b);
  const rows = stepped.flatMap((one) => {
    const rowOver = (over: FairRow["over"], other: Series | null): readonly FairRow[] => {
      const cells = tokens.map((count) => cellOf(one, other, count));
      return cells.every(({ ratio }) => ratio === NONE)
        ? []
        : [{ series: one, name: one.label, over, cells }];
    };
    const cached = one.baseline !== null && isFullAttention(one.baseline) ? one.baseline : null;
    return [
      ...rowOver("recomputed", recomputing.get(placeOf(one)) ?? null),
      ...rowOver("cached", isFullAttention(one) ? null : cached),
    ];
  });
  if (rows.length === 0) return null;
  const published = (["recomputed", "cached"] as const).map((over) => ({
    series: null,
    name: "linear, in the paper",
    over,
    cells: tokens.map((count) => ({ ratio: paper[over].get(count) ?? NONE, interval: "" })),
  }));
  return { tokens, rows: [...rows, ...published] };
}

const NONE = "–";

function cellOf(series: Series, other: Series | null, tokens: number): FairCell {
  const gain = generationRatio(series, other, tokens);
  if (gain === null) return { ratio: NONE, interval: "" };
  const { ratio, low, high } = gain;
  const interval =
    low === null || high === null ? "" : `${formatRatio(low).slice(0, -1)}–${formatRatio(high)}`;
  return { ratio: formatRatio(ratio), interval };
}

/** What a series shares with the recomputing baseline it was measured with. */
function placeOf({ rows: [row] }: Series): string {
  return identityKey(row, ["variant", "params", "length", "mode"]);
}
