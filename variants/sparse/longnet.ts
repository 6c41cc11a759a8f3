import { text } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { segments } from "../../src/pattern/segments.ts";
import { union } from "../../src/pattern/union.ts";

/** Pairs of a segment's size and a stride. */
const SCALES = /^\d{1,15}:\d{1,15}(,\d{1,15}:\d{1,15})*$/;

/**
 * LongNet's dilated attention: at each scale the sequence is cut into segments, of which every `r`-th token
 * takes part, another residue in each head; the union of all scales. A row that takes part in none is zero:
 * none is if a scale has stride 1.
 *
 * Departs: the paper merges scales by their softmax denominators, so that a key of two scales counts twice;
 * here once. Heads take residue h mod r, as in the paper; its code takes ⌊h·r/H⌋.
 */
export const longnet = softmaxPattern({
  id: "longnet",
  title: "LongNet",
  summary: "segments of growing size, of which ever fewer tokens take part",
  tags: ["sparse"],
  source: "Ding et al. 2023, arXiv 2307.02486",
  params: {
    scales: text("64:1,256:4,1024:16", {
      form: SCALES,
      rule: "pairs of tokens and stride, such as 4:1,8:2",
      unit: "tokens:stride, …",
      meaning: "segments, and which of their tokens take part",
      probe: "4:1,8:2,16:4",
      fullAt: (n) => `${n}:1`,
    }),
  },
  pattern: ({ scales }) =>
    union(
      ...scales.split(",").map((scale) => {
        const [size, stride] = scale.split(":").map(Number);
        return segments(size, stride);
      }),
    ),
  exponent: () => 1,
});
