import type { ChoiceSpecs } from "../../core/choice.ts";
import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import type { Shape } from "../../core/shape.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * A rule chooses from q and k which keys each query attends; then one softmax over those, each once. What a rule chooses in
 * float32 may differ from what it would in float64 where two are nearly as good: a kernel hands out its choice, which is
 * judged by itself, and its output is compared with the reference on that choice.
 */
export interface Selection extends Mechanism {
  readonly kind: "selection";
  readonly rule: Rule;
  /** The factor on q·k before the softmax; 1/√headDim if omitted. */
  readonly scale?: number;
}

/** How keys are chosen. */
export type Rule = TopK | Moba | Nsa | Quest | Reformer | Routing;

/** The `keys` best keys of each query by q·k. Gupta et al. 2021, arXiv 2106.06899. */
export interface TopK {
  readonly id: "top-k";
  readonly keys: number;
}

/**
 * The block of the query, and the `chosen - 1` others that are best by q·(mean of the block's keys). Causal: of those
 * before its own, which it attends up to itself. Lu et al. 2025, arXiv 2502.13189.
 */
export interface Moba {
  readonly id: "moba";
  readonly block: number;
  readonly chosen: number;
}

/**
 * Three softmaxes: over means of full blocks, over the keys of `chosen` blocks (the first, its own and the one before
 * always, the others by the weights of the first softmax), and over the last `window` keys; summed with gates `σ(q·w)`, w
 * the inputs `compress`, `select` and `window`, `[heads, 1, headDim]` each. Yuan et al. 2025, arXiv 2502.11089.
 */
export interface Nsa {
  readonly id: "nsa";
  readonly block: number;
  readonly chosen: number;
  readonly window: number;
  readonly seed: number;
}

/**
 * The `pages` best pages of `page` keys each, by the bound `Σ_c max(q_c min_c, q_c max_c)` over the keys of a page so far.
 * Tang et al. 2024, arXiv 2406.10774.
 */
export interface Quest {
  readonly id: "quest";
  readonly page: number;
  readonly pages: number;
}

/**
 * Locality-sensitive hashing of q, which are the keys as well, brought to length 1: `rounds` times sorted by bucket and
 * position, and cut into chunks; a query attends its own chunk and the one before. Kitaev et al. 2020, arXiv 2001.04451.
 */
export interface Reformer {
  readonly id: "reformer";
  readonly chunk: number;
  readonly rounds: number;
  /** Buckets of a round; as many as chunks if null. */
  readonly buckets: number | null;
  /** Whether only keys of the query's own bucket are attended. */
  readonly sameBucket: boolean;
  /** Whether a bucket is a pair of two smaller hashes, so that hashing takes N^1.5 and not N². */
  readonly factored: boolean;
  readonly seed: number;
}

/**
 * Centres by spherical k-means over q and k; each takes its `window` nearest queries and keys, and a query attends the keys
 * of all centres that took it. Roy et al. 2020, arXiv 2003.05997.
 */
export interface Routing {
  readonly id: "routing";
  /** round(√N) if null. */
  readonly clusters: number | null;
  /** ⌈N / clusters⌉ if null. */
  readonly window: number | null;
  readonly seed: number;
}

/** Whether a mechanism selects. */
export function isSelection(mechanism: Mechanism): mechanism is Selection {
  return mechanism.kind === "selection";
}

/** The inputs of NSA's gates, in the order of its softmaxes. */
export const NSA_GATES = ["compress", "select", "window"] as const;

/** The blocks that NSA attends whatever their weights. */
export const NSA_FORCED = 3;

/**
 * What a kernel hands out as its choice, `[batch, heads, rows, perRow]` each. Of what a query chooses, such as keys or
 * blocks, there are as many as it takes, in rising order and each once; the rest of its row is -1. Where scores are equal
 * either is right. A candidate whose score is not finite has no rank: it may be chosen or not, and the output is what that
 * choice gives.
 */
export function choiceSpecs(rule: Rule, { queries, length }: Pick<Shape, "queries" | "length">): ChoiceSpecs {
  switch (rule.id) {
    case "top-k":
      return { keys: { rows: queries, perRow: Math.min(rule.keys, length) } };
    case "moba":
      return { blocks: { rows: queries, perRow: Math.min(rule.chosen, Math.ceil(length / rule.block)) - 1 } };
    case "nsa":
      return { blocks: { rows: queries, perRow: Math.max(0, rule.chosen - NSA_FORCED) } };
    case "quest":
      return { pages: { rows: queries, perRow: Math.min(rule.pages, Math.ceil(length / rule.page)) } };
    case "reformer":
      return { buckets: { rows: rule.rounds, perRow: length } };
    case "routing": {
      const { clusters, window } = routingSizes(rule, length);
      // Of each round of k-means the centre of every query and then of every key; at the end what each centre took.
      return {
        centres: { rows: ROUTING_ROUNDS, perRow: 2 * length },
        queries: { rows: clusters, perRow: window },
        keys: { rows: clusters, perRow: window },
      };
    }
  }
}

/** Rounds of k-means. */
export const ROUTING_ROUNDS = 10;

/** The input that tokens are hashed with, `[heads, rounds, headDim · (first + second)]`, and the one that centres begin at. */
export const ROTATIONS = "reformer.r";
export const CENTRES = "routing.centres";

/** How many directions tokens are hashed with in a round. */
export interface HashSizes {
  /** Directions of the two factors of a hash; 0 of the second if there is one factor. */
  readonly first: number;
  readonly second: number;
  /** Buckets that this makes: of each factor twice its directions. */
  readonly buckets: number;
  readonly chunks: number;
}

/**
 * Buckets come in pairs, a direction and its opposite: as many as asked for, or a few more. Of two factors the first has
 * about the root of them.
 */
export function hashSizes({ chunk, buckets, factored }: Reformer, length: number): HashSizes {
  const chunks = Math.ceil(length / chunk);
  const wanted = buckets ?? chunks;
  if (!factored) {
    const first = Math.ceil(wanted / 2);
    return { first, second: 0, buckets: 2 * first, chunks };
  }
  const first = Math.ceil(Math.sqrt(wanted) / 2);
  const second = Math.ceil(wanted / (4 * first));
  return { first, second, buckets: 4 * first * second, chunks };
}

/** Centres, and how many queries and keys each takes. */
export function routingSizes(
  { clusters, window }: Pick<Routing, "clusters" | "window">,
  length: number,
): { readonly clusters: number; readonly window: number } {
  const centres = Math.min(length, clusters ?? Math.round(Math.sqrt(length)));
  return { clusters: centres, window: Math.min(length, window ?? Math.ceil(length / centres)) };
}

/** Declares a variant that selects. */
export function selection<const P extends Parameters>(
  declaration: Declaration<P> & { rule: (values: ValuesOf<P>) => Rule },
): Variant {
  return declareVariant(
    declaration,
    (values): Selection => ({ kind: "selection", rule: declaration.rule(values) }),
  );
}
