import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";
import { powersOfTwo } from "../../src/pattern/powers-of-two.ts";
import { union } from "../../src/pattern/union.ts";

/**
 * LogSparse attention: the query's own key and those 1, 2, 4, 8, … tokens away, and with `local` a window
 * around it. Causal, ⌊log₂N⌋ + 1 layers connect everything.
 *
 * Departs: the paper counts cells from 1 and restarts in sub-sequences, which is omitted. Not causal unless
 * the run is: the same distances then go both ways.
 */
export const logsparse = softmaxPattern({
  id: "logsparse",
  title: "LogSparse",
  summary: "keys 1, 2, 4, 8, … tokens away",
  tags: ["sparse"],
  source: "Li et al. 2019, arXiv 1907.00235, section 4.2",
  params: {
    local: int(0, { unit: "keys on each side", meaning: "reach of the local part", fullAt: (n) => n }),
  },
  pattern: ({ local }) => (local === 0 ? powersOfTwo() : union(powersOfTwo(), band(local, local))),
  growth: (length, { local }) => length * (2 * local + 1 + 2 * Math.log2(length + 1)),
});
