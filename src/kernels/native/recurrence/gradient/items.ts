import type { Shape } from "../../../../core/shape.ts";
import type { Recurrence } from "../../../../mechanisms/recurrence/declare.ts";
import { type Item, itemsOf, type Segments } from "../items.ts";
import { KIND } from "../layout.ts";
import type { Plan } from "../plan.ts";

/** Bytes of what the weights of a head get of a segment. */
export interface SumSizes {
  readonly sumBytes: number;
}

/**
 * The items of a backward pass: those of the forward pass the other way round. Where slices are cut all segments but the first sum what
 * they leave of the gradient; states of segments lie from the last on, so that joining them is what it is in the forward pass.
 */
export function itemsBack(
  plan: Plan,
  mechanism: Recurrence,
  shape: Shape,
  { segments, segmentTokens }: Segments,
  { isCut, sumBytes }: SumSizes & { readonly isCut: boolean },
): { readonly rows: readonly Item[]; readonly phaseEnds: readonly number[] } {
  const slices = shape.batch * shape.heads;
  // Those of segments are the last of all items of a cut call.
  const cut = isCut ? { segments, segmentTokens } : null;
  const all = itemsOf(plan, mechanism, shape, cut).rows.slice(-slices * (isCut ? segments : 1));
  const item = (kind: number, slice: number, segment: number): Item => ({
    ...all[isCut ? slice * segments + segment : slice],
    kind,
    state: (slice * segments + (segments - 1 - segment)) * plan.stateBytes,
    sums: (slice * segments + (isCut ? segment : segments - 1)) * sumBytes,
  });
  const each = (from: number, count: number, kindOf: (segment: number) => number): readonly Item[] =>
    Array.from({ length: slices * count }, (_, index) => {
      const segment = from + (index % count);
      return item(kindOf(segment), Math.floor(index / count), segment);
    });
  if (!isCut) {
    const rows = each(0, 1, () => KIND.slice);
    return { rows, phaseEnds: [rows.length] };
  }
  const last = segments - 1;
  const phases = [
    each(1, segments - 1, () => KIND.sum),
    each(last, 1, () => KIND.join).map((join) => ({ ...join })),
    each(0, segments, (segment) => (segment === last ? KIND.slice : KIND.segment)),
  ];
  let end = 0;
  const phaseEnds = phases.map((phase) => {
    end += phase.length;
    return end;
  });
  return { rows: phases.flat(), phaseEnds };
}
