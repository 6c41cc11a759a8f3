import type { RowPlace } from "../../core/rows.ts";
import { overTokens, rowOffset } from "../../core/shape.ts";
import { takePrefix } from "../../core/tensors.ts";
import { sameIntervals } from "../../pattern/intervals.ts";
import { reads } from "../judged.ts";
import { type Law, problemOf, type Subject } from "./law.ts";

/**
 * A causal row does not depend on what comes after it: it is the same in any longer sequence. Rows whose
 * allowed set depends on the length by definition (blocks counted from the end, blocks drawn at random) are
 * excluded.
 */
export const causalPrefix: Law = {
  title: "a causal row is the same in a longer sequence",
  applies: ({ causal, shape }) => causal && shape.length > 1,
  async check(subject) {
    const { shape, inputs, filled } = subject;
    const length = Math.ceil(shape.length * 0.6);
    const prefix = problemOf(subject, takePrefix(inputs, length));
    const whole = await subject.output(problemOf(subject));
    const cut = takePrefix({ shape, q: whole, k: whole, v: whole }, length).q;
    const places = sameRows(subject, length);
    if (places.length === 0) return null;
    // Rows that are excluded take the prefix's own output, so that only the others are compared.
    const compared = await subject.output(prefix);
    for (const { batch, head, row } of places) {
      const at = rowOffset(prefix.shape, batch, head, row);
      compared.set(cut.subarray(at, at + shape.headDim), at);
    }
    return subject.compare(prefix, filled.kind.oracle(prefix), places, compared);
  },
};

function sameRows(subject: Subject, length: number): RowPlace[] {
  const { shape } = subject;
  const readsAt = (tokens: number) => reads({ ...problemOf(subject), shape: overTokens(shape, tokens) });
  const short = readsAt(length);
  const long = readsAt(shape.length);
  const places: RowPlace[] = [];
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) {
      for (let row = 0; row < length; row++) {
        const same = sameIntervals(short[head].intervals(row), long[head].intervals(row));
        if (same) places.push({ batch, head, row });
      }
    }
  }
  return places;
}
