import type { ExactProblem } from "../../../core/problem.ts";
import type { Shape } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { pairFlops } from "../../../core/work.ts";
import type { Rounding } from "../../oracle.ts";
import { rowByRow } from "../../oracle.ts";
import type { PairScore } from "../../softmax-pattern/oracle-scores.ts";
import { attendedRow } from "../attended-row.ts";
import { DATA_DEPENDENT, SORTED } from "../data-dependent.ts";
import { hashSizes, type Reformer, ROTATIONS, type Selection } from "../declare.ts";
import type { RuleTruth } from "../rule.ts";
import { type HeadPlace, ofHead, onceAHead, queriesOf, weightsOfHead } from "./heads.ts";
import { upTo } from "./numbers.ts";
import { product } from "./products.ts";
import { keysSeen, sortRounds } from "./reformer-chunks.ts";
import { bucketsOf, type HashedHead, whyNotBuckets } from "./reformer-hash.ts";

/** Keys of the chunks around a query in several sorted orders of the tokens. */
export const reformer: RuleTruth<Reformer> = {
  causality: "either",
  // Where a token comes in the order depends on those after it.
  keepsPrefixes: false,
  sumsToOne: true,
  reads: ["q", "v"],
  inputs: (rule) => ({ [ROTATIONS]: rotationsOf(rule) }),
  yardstick: () => ({
    text: "full attention with q of length 1 as keys, none its own",
    oracle: sharedOracle,
  }),
  work(rule, { shape, causal }) {
    const { length, headDim } = shape;
    const { first, second } = hashSizes(rule, length);
    const pairs = expectedPairs(rule, length, causal);
    return {
      pairs,
      fewestPairs: fewestPairs(rule, length, causal),
      selectFlops: 2 * length * headDim * (first + second) * rule.rounds,
      attendFlops: pairFlops({ ...shape, batch: 1 }, pairs),
    };
  },
  table: (rule) => ({
    perLayer: {
      text: "NR(2m + h)d",
      letters: {
        R: rule.rounds,
        m: rule.chunk,
        h: rule.factored ? "√(N/m)" : "N/2m",
        ...(rule.buckets !== null && { h: hashed(rule, 1) }),
      },
      at: ({ length, headDim }) =>
        length * rule.rounds * (Math.min(length, 2 * rule.chunk) + hashed(rule, length)) * headDim,
    },
    sequential: SORTED,
    path: DATA_DEPENDENT,
  }),
  step: "that sorts its tokens, since a new one changes the order; omit --mode decode",
  bind(rule, problem) {
    const { inputs, causal } = problem;
    const { length } = inputs.shape;
    const headOf = onceAHead((place) => hashedHead(rule, problem, place));
    const exact = onceAHead((place) => sortRounds(rule, length, bucketsOf(headOf(place))));
    const same = onceAHead((place) => place);
    const size = rule.rounds * length;
    const sorted = new Map<Int32Array, (place: HeadPlace) => ReturnType<typeof sortRounds>>();
    return {
      keys(place, choice) {
        let rounds = exact;
        if (choice !== null) {
          const { buckets } = choice;
          rounds =
            sorted.get(buckets) ??
            onceAHead((one) => sortRounds(rule, length, ofHead(buckets, inputs.shape, one, size)));
          sorted.set(buckets, rounds);
        }
        return upTo(length).filter(keysSeen(rounds(place), place.row, length, causal));
      },
      whyNot(places, { buckets }) {
        for (const place of new Set(places.map(same))) {
          const failure = whyNotBuckets(headOf(place), ofHead(buckets, inputs.shape, place, size));
          if (failure !== null) return `batch ${place.batch}, head ${place.head}: ${failure}`;
        }
        return null;
      },
      score: sharedScore(problem),
    };
  },
};

/** Directions are drawn round by round. */
function rotationsOf(rule: Reformer) {
  return {
    dims: [
      "heads",
      rule.rounds,
      {
        of: (shape: Shape): number => {
          const { first, second } = hashSizes(rule, shape.length);
          return shape.headDim * (first + second);
        },
        text: "headDim · directions",
      },
    ],
    of: "weights",
    untrained: true,
    stream: "reformer/r",
    seed: rule.seed,
    streamPerRow: true,
    rowText:
      "N(0, 1): of each round a matrix [headDim, f1], and behind it [headDim, f2] of the second factor, f1 = ⌈√buckets / 2⌉ and f2 = ⌈buckets / (4 f1)⌉; f1 = ⌈buckets / 2⌉ and f2 = 0 with one factor",
  } as const;
}

function hashedHead(rule: Reformer, { inputs }: ExactProblem<Selection>, place: HeadPlace): HashedHead {
  const { shape } = inputs;
  const rotations = tensorNamed(inputs, ROTATIONS);
  return {
    rule,
    length: shape.length,
    headDim: shape.headDim,
    q: queriesOf(inputs.q, shape, place),
    rotations: weightsOfHead(rotations, shape, rotationsOf(rule), place),
  };
}

/** Scores of a query and the queries as keys, each brought to length 1; one of zeros stays so. */
function sharedScore({ inputs, mechanism }: ExactProblem<Selection>) {
  const { shape } = inputs;
  const exactScale = mechanism.scale ?? 1 / Math.sqrt(shape.headDim);
  return (place: HeadPlace & { readonly row: number }, round: Rounding) => {
    const queries = queriesOf(inputs.q, shape, place);
    const width = shape.headDim;
    const own = queries.subarray(place.row * width, (place.row + 1) * width);
    const scale = round(exactScale);
    return (key: number): PairScore => {
      const unit = queries.subarray(key * width, (key + 1) * width);
      let squares = 0;
      for (const x of unit) squares += x * x;
      const length = round(Math.sqrt(squares));
      const shared = Float64Array.from(unit, (x) => (length === 0 ? 0 : round(x / length)));
      const { value, size } = product(own, shared, 0, null, round);
      return { value: round(value * scale), size: size * scale };
    };
  };
}

/** What it approximates: every other query as a key, or its own where there is none. */
function sharedOracle(problem: ExactProblem<Selection>, { scale }: { readonly scale?: number | undefined }) {
  const scaled = scale === undefined ? problem : { ...problem, mechanism: { ...problem.mechanism, scale } };
  const score = sharedScore(scaled);
  return rowByRow((batch, head, row, round) => {
    const place = { batch, head, row };
    const others = upTo(problem.causal ? row : problem.inputs.shape.length).filter((key) => key !== row);
    const keys = others.length === 0 ? [row] : others;
    return attendedRow(problem, { place, round, keys }, score(place, round));
  });
}

/** Tokens of each chunk and of the one before it. */
function chunksOf({ chunk }: Reformer, length: number): Array<{ own: number; before: number }> {
  return upTo(Math.ceil(length / chunk)).map((index) => ({
    own: Math.min(chunk, length - index * chunk),
    before: index === 0 ? 0 : chunk,
  }));
}

/**
 * The fewest pairs: all rounds may sort alike, the chunk before may be later tokens, and all buckets may differ. Every query
 * attends one key at least.
 */
function fewestPairs(rule: Reformer, length: number, causal: boolean): number {
  if (rule.sameBucket) return length;
  return chunksOf(rule, length).reduce((sum, { own, before }) => {
    return sum + (causal ? 1 + (own * (own - 1)) / 2 : own * Math.max(1, own + before - 1));
  }, 0);
}

/** Pairs of rounds whose orders have nothing to do with one another. */
function expectedPairs(rule: Reformer, length: number, causal: boolean): number {
  const all = length * (length - 1);
  if (all === 0) return length;
  const inRound = chunksOf(rule, length).reduce((sum, { own, before }) => sum + own * (own + before - 1), 0);
  const pairs = all * (1 - (1 - Math.min(1, inRound / all)) ** rule.rounds);
  return Math.max(length, Math.round(causal ? pairs / 2 : pairs));
}

/** Directions that a token is compared with in each round. */
function hashed(rule: Reformer, length: number): number {
  const { first, second } = hashSizes(rule, length);
  return first + second;
}
