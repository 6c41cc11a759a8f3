import { rowOffset } from "../../core/shape.ts";
import { takePrefix } from "../../core/tensors.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { sameIntervals } from "../../pattern/intervals.ts";
import { reference } from "../../reference/reference.ts";
import { expectation } from "../expectation.ts";
import type { RowPlace } from "../rows.ts";
import { type Law, outputOf, problemOf, type Subject } from "./law.ts";

/**
 * A causal row does not know what comes after it: it is the same in any longer sequence. Rows whose allowed set depends
 * on the length by definition (blocks counted from the end, blocks drawn at random) are left out.
 */
export const causalPrefix: Law = {
  title: "a causal row is the same in a longer sequence",
  applies: ({ causal, shape }) => causal && shape.length > 1,
  check(subject) {
    const { kernel, shape, inputs, seed } = subject;
    const length = Math.ceil(shape.length * 0.6);
    const prefix = problemOf(subject, takePrefix(inputs, length));
    const whole = outputOf(problemOf(subject), kernel);
    const cut = takePrefix({ shape, q: whole, k: whole, v: whole }, length).q;
    const places = sameRows(subject, length);
    if (places.length === 0) return null;
    // Rows that are left out take the prefix's own output, so that only the others are compared.
    const compared = outputOf(prefix, kernel);
    for (const { batch, head, row } of places) {
      const at = rowOffset(prefix.shape, batch, head, row);
      compared.set(cut.subarray(at, at + shape.headDim), at);
    }
    return expectation(prefix, reference(prefix), places, seed).compare(compared).failure;
  },
};

function sameRows(subject: Subject, length: number): RowPlace[] {
  const { mechanism } = subject.filled;
  const { shape, causal } = subject;
  const patternsAt = (tokens: number) =>
    mechanism.kind === "softmaxPattern"
      ? bindHeads(mechanism, { shape: { ...shape, length: tokens }, causal, threads: 1 })
      : null;
  const short = patternsAt(length);
  const long = patternsAt(shape.length);
  const places: RowPlace[] = [];
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) {
      for (let row = 0; row < length; row++) {
        const same =
          short === null ||
          long === null ||
          sameIntervals(short[head].intervals(row), long[head].intervals(row));
        if (same) places.push({ batch, head, row });
      }
    }
  }
  return places;
}
