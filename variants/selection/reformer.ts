import { flag, int, optionalInt } from "../../src/core/parameters.ts";
import { selection } from "../../src/mechanisms/selection/declare.ts";

/**
 * Reformer: queries are the keys as well, brought to length 1; they are hashed, sorted by bucket, and cut into chunks, and
 * each attends its own chunk and the one before, but not itself. k is not read.
 *
 * Departs: a hash has two factors by default, as in the published code, so that hashing takes N^1.5 and not N²; other buckets
 * are attended unless `same_bucket` is set, and chunks have a size of their own, where the paper's are of two buckets.
 * A key that several rounds show counts once, as the paper's merging of rounds says, where its code counts it in each.
 */
export const reformer = selection({
  id: "reformer",
  title: "Reformer",
  summary: "queries of the same hash attend one another",
  tags: ["selection", "lra"],
  arena: "Reformer",
  source: "Kitaev, Kaiser, Levskaya 2020, arXiv 2001.04451",
  params: {
    chunk: int(64, {
      least: 1,
      unit: "tokens",
      meaning: "tokens of a chunk of the sorted order",
      probe: 4,
    }),
    rounds: int(4, {
      least: 1,
      most: 1000,
      unit: "rounds",
      meaning: "how often tokens are hashed and sorted",
      probe: 2,
    }),
    buckets: optionalInt({
      least: 1,
      unit: "buckets",
      meaning: "buckets of a round, up to a few more; as many as chunks if none",
    }),
    same_bucket: flag(false, { meaning: "whether a query attends its own bucket alone" }),
    factored: flag(true, {
      meaning: "whether a hash is a pair of two, without which hashing grows with the square of the length",
    }),
    seed: int(0, { unit: "seed", meaning: "which directions tokens are hashed with" }),
  },
  rule: ({ same_bucket: sameBucket, ...rest }) => ({ id: "reformer", sameBucket, ...rest }),
  // Products with directions, and with the keys of two chunks.
  growth(length, { chunk, rounds, buckets, factored }) {
    const wanted = buckets ?? Math.max(1, length / chunk);
    return length * rounds * ((factored ? Math.sqrt(wanted) : wanted / 2) + 4 * chunk);
  },
});
