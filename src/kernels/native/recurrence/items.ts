import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import { floatBits } from "../assembler/index.ts";
import { type ITEM, KIND, TOKENS } from "./layout.ts";
import { fixedLogsOf, type Plan } from "./plan.ts";

/** Chunks of a segment at least, so that its state costs little beside them, and the most segments. */
const LEAST_CHUNKS = 32;
const MOST_SEGMENTS = 256;

/** How the tokens of a slice are cut. */
export interface Segments {
  readonly segments: number;
  readonly segmentTokens: number;
}

/** How they are, whatever the threads, so that there are the same sums on any number of them. */
export function segmentsOf({ erase }: Recurrence, length: number): Segments {
  if (erase !== null) return { segments: 1, segmentTokens: length };
  const chunks = Math.max(LEAST_CHUNKS, Math.ceil(length / TOKENS / MOST_SEGMENTS));
  const segmentTokens = chunks * TOKENS;
  return { segments: Math.ceil(length / segmentTokens), segmentTokens };
}

/** The numbers of an item; where its state is kept, and where a backward pass sums, count from the first. */
export type Item = Readonly<Record<keyof typeof ITEM, number>>;

/**
 * The items of a call in their order, and where phases end. A slice is one, or, cut into segments, has one for the sum of
 * each but the last, one that joins them, and one for the outputs of each.
 */
export function itemsOf(
  plan: Plan,
  mechanism: Recurrence,
  { batch, heads, length, headDim, valueDim }: Shape,
  cut: Segments | null,
): { readonly rows: readonly Item[]; readonly phaseEnds: readonly number[] } {
  const logs = fixedLogsOf(mechanism, heads);
  const rowsOf = (perChannel: boolean): number => (perChannel ? headDim : 1);
  const decayWeights = rowsOf(plan.decayPerChannel) * Number(plan.words.decayRow);
  const writeWeights = rowsOf(plan.writePerChannel) * headDim * FLOAT_BYTES;
  const { segments, segmentTokens } = cut ?? { segments: 1, segmentTokens: length };

  const item = (kind: number, slice: number, segment: number): Item => {
    const head = slice % heads;
    const token = slice * length + segment * segmentTokens;
    return {
      kind,
      rows: token * headDim * FLOAT_BYTES,
      values: token * valueDim * FLOAT_BYTES,
      gates: token * Number(plan.words.gateBytes),
      tokens: token * FLOAT_BYTES,
      decayWeights: head * decayWeights,
      writeWeights: head * writeWeights,
      fixedLog: floatBits(logs[head]),
      length: Math.min(segmentTokens, length - segment * segmentTokens),
      state: (slice * segments + segment) * plan.stateBytes,
      kept: (slice * Math.ceil(length / TOKENS) + (segment * segmentTokens) / TOKENS) * plan.keptBytes,
      sums: 0,
    };
  };
  const all = (count: number, kindOf: (segment: number) => number): readonly Item[] =>
    Array.from({ length: batch * heads * count }, (_, index) =>
      item(kindOf(index % count), Math.floor(index / count), index % count),
    );
  const phases =
    cut === null
      ? [all(1, () => KIND.slice)]
      : [
          all(segments - 1, () => KIND.sum),
          all(1, () => KIND.join),
          // Nothing comes before the first.
          all(segments, (segment) => (segment === 0 ? KIND.slice : KIND.segment)),
        ];
  let end = 0;
  const phaseEnds = phases.map((phase) => {
    end += phase.length;
    return end;
  });
  return { rows: phases.flat(), phaseEnds };
}
