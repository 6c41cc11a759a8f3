import { int } from "../../src/core/parameters.ts";
import { type Step, summary } from "../../src/mechanisms/summary/declare.ts";

/**
 * Induced attention: drawn points read keys and values, `Π = softmax(I Kᵀ/√d)`, and queries attend `Π K` and `Π V`. Depth
 * 0 is the Set Transformer's induced block, and Luna's pack and unpack; with more, the points attend one another so
 * often in between, with queries `Π Q` of their own: Perceiver IO, whose outputs are the queries. Points are drawn
 * from N(0, 1). Projections are those that made q, k and v: without a residual, those of `Π X` are `Π` times those of X.
 *
 * Departs: the Set Transformer divides by the root of the model's width and adds queries inside the heads; Luna's
 * causal form is another function.
 */
export const induced = summary({
  id: "induced",
  title: "Induced points",
  summary: "learned points read the tokens, and queries read the points",
  aliases: ["set-transformer", "luna", "perceiver-io"],
  tags: ["low-rank", "linear"],
  table: ({ points }) => ({
    perLayer: {
      text: "Nmd",
      letters: { m: points },
      at: ({ length, headDim }) => length * points * headDim,
    },
  }),
  source:
    "Lee et al. 2018, arXiv 1810.00825; Ma et al. 2021, arXiv 2106.01540; Jaegle et al. 2021, arXiv 2107.14795",
  params: {
    points: int(64, { least: 1, unit: "points", meaning: "points that stand between the tokens", probe: 4 }),
    depth: int(0, { unit: "times", meaning: "how often the points attend one another" }),
    seed: int(0, { unit: "seed", meaning: "which numbers the points are" }),
  },
  text: ({ points, depth }) => `induced(${points}${depth > 0 ? `, depth ${depth}` : ""})`,
  inputs: ({ points, seed }) => ({
    "induced.points": {
      dims: ["heads", points, "headDim"],
      of: "weights",
      stream: "induced/points",
      seed,
    },
  }),
  whyNot: ({ depth }, { queries, length }) =>
    depth === 0 || queries === length
      ? null
      : `points that attend one another read queries as they read keys, as many, got ${queries} for ${length}; omit depth`,
  chain({ depth }, { scale }) {
    const named = (level: number) => ({ q: `q ${level}`, k: `k ${level}`, v: `v ${level}` });
    const from = named(0);
    const among = Array.from({ length: depth }, (_, level): Step => {
      const [read, made] = [named(level), named(level + 1)];
      return {
        step: "attend",
        to: made.k,
        queries: read.q,
        keys: read.k,
        values: read.k,
        also: [
          { to: made.v, values: read.v },
          { to: made.q, values: read.q },
        ],
        scale,
      };
    });
    const last = named(depth);
    return [
      {
        step: "attend",
        to: from.k,
        queries: "induced.points",
        keys: "k",
        values: "k",
        also: [{ to: from.v, values: "v" }, ...(depth > 0 ? [{ to: from.q, values: "q" }] : [])],
        scale,
      },
      ...among,
      { step: "attend", to: "out", queries: "q", keys: last.k, values: last.v, scale },
    ];
  },
  sumsToOne: true,
  exponent: () => 1,
});
