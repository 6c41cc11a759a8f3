import { FailureError } from "../../core/errors.ts";
import { type BoundPattern, measure, rowsOf } from "../../core/pattern.ts";
import type { Need } from "./protocol.ts";
import type { Held } from "./tensor-file.ts";

/** The most pairs, and ranges, that are listed one by one. */
const MOST_LISTED = 2 ** 28;

/**
 * A pattern as a program asks for it, one head after the other, or once if they are all alike: `ranges`, the half-open
 * ranges of keys that each query attends, or `csr`, the keys themselves. `starts` says where each row's begin. Throws a
 * FailureError where there are too many.
 */
export function patternTensors(patterns: readonly BoundPattern[], need: Need): readonly Held[] {
  const distinct = patterns.every((one) => one === patterns[0]) ? patterns.slice(0, 1) : patterns;
  const rows = rowsOf(distinct[0]);
  const starts = new BigInt64Array(distinct.length * (rows + 1));
  const counted = need === "csr" ? measure : (ranges: readonly number[]) => ranges.length / 2;
  let total = 0;
  for (const [head, pattern] of distinct.entries()) {
    for (let row = 0; row < rows; row++) {
      starts[head * (rows + 1) + row] = BigInt(total);
      total += counted(pattern.intervals(row));
    }
    starts[head * (rows + 1) + rows] = BigInt(total);
    if (total > MOST_LISTED) {
      throw new FailureError(
        `${need}: lists at most ${MOST_LISTED} entries, got more; ${need === "csr" ? "ask for ranges" : "ask for a shorter length"}`,
      );
    }
  }
  const values = new BigInt64Array(need === "csr" ? total : 2 * total);
  let at = 0;
  for (const pattern of distinct) {
    for (let row = 0; row < rows; row++) {
      const ranges = pattern.intervals(row);
      if (need === "ranges") for (const edge of ranges) values[at++] = BigInt(edge);
      else at = listKeys(ranges, values, at);
    }
  }
  return [
    { name: "starts", sizes: [distinct.length, rows + 1], values: starts },
    need === "csr" ? { name: "keys", sizes: [total], values } : { name: "ranges", sizes: [total, 2], values },
  ];
}

function listKeys(ranges: readonly number[], to: BigInt64Array, from: number): number {
  let at = from;
  for (let range = 0; range < ranges.length; range += 2) {
    for (let key = ranges[range]; key < ranges[range + 1]; key++) to[at++] = BigInt(key);
  }
  return at;
}
