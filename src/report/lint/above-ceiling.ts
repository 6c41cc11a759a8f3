import { pairFlops } from "../../core/work.ts";
import type { CaseRow } from "../../record/case-row.ts";
import { bestCeiling, deviceOfCase, isOnDevice, utmostRate } from "../../record/schema/best-ceiling.ts";
import { operationOf } from "../../record/schema/case-task.ts";
import type { Environment } from "../../record/schema/result-lines.ts";
import { shortName } from "../../text/labels.ts";
import { type Check, ofEachCase } from "./check.ts";

/**
 * Cases that computed, or read, faster than the machine's best rate. For kernels that count nothing the
 * useful work is used.
 */
export const aboveCeiling: Check = {
  id: "above-ceiling",
  find: ofEachCase((row, _, { run: { environment } }) => {
    const [computed, read] = [percentOf(row, environment), percentRead(row, environment)];
    if (!(computed > MOST || read > MOST)) return null;
    const verb = computed > MOST ? "computes" : "reads its state";
    if (isOnDevice(row, environment)) {
      return `kernel ${shortName(row.kernel)} ${verb} faster than its device was seen to: that was measured at a bad moment, or the kernel skips work; run again while nothing else uses the device`;
    }
    return `kernel ${shortName(row.kernel)} ${verb} faster than the machine's ceiling: the ceiling was measured at a bad moment, the kernel uses instructions that the built-in ones do not, or it skips work; run again on a quiet machine`;
  }),
};

/** Per cent. Ceilings are measured at their best, so noise makes cases fall short of them. */
const MOST = 100;

function percentOf(row: CaseRow, environment: Environment): number {
  const [best, utmost] = [bestCeiling(row, environment), utmostRate(row, environment)];
  const { median_s: seconds, percent_of_ceiling: percent } = row;
  // Products in registers may be faster than those that a case is read against.
  if (percent !== null) return best === null || utmost === null ? percent : (percent * best) / utmost;
  if (seconds === null || !(seconds > 0) || utmost === null) return 0;
  return (100 * leastFlops(row)) / seconds / utmost;
}

/** What fits into a device's caches is read faster than its memory, and their rates are not known. */
function percentRead(row: CaseRow, environment: Environment): number {
  const { read_bytes: least = 0 } = deviceOfCase(row, environment)?.rates ?? {};
  return (row.resident_bytes ?? 0) < least ? 0 : (row.percent_of_bandwidth ?? 0);
}

/** Linear attention over few tokens is cheaper key by key. */
function leastFlops(row: CaseRow): number {
  const { useful_flops, pairs, length, causal, batch, heads, queries, project_flops = 0 } = row;
  const { head_dim: headDim, value_dim: valueDim = headDim } = row;
  if (pairs !== null || useful_flops === null) return useful_flops ?? 0;
  const all = operationOf(row).fullPairs(length, causal, undefined, queries);
  return Math.min(useful_flops, project_flops + pairFlops({ batch, headDim, valueDim }, heads * all));
}
