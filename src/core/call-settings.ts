import type { Edges } from "./edges.ts";
import type { GradientPass } from "./operation.ts";

/** The arguments of a call of attention besides q, k and v. */
export interface CallSettings {
  /** The factor on q·k before the softmax; 1/√d if omitted. */
  readonly scale?: number | undefined;
  /** Restricts the keys, whatever the variant; no restriction if omitted. */
  readonly mask?: KeyMask | undefined;
  /** The edges of a variant that would draw some; of others they change nothing. */
  readonly edges?: Edges | undefined;
  /** Gates that the call has for each token, which recurrences take in place of those they make of k; of others they change nothing. */
  readonly gates?: GivenGates | undefined;
  /** Whether the input holds what layers add to their products with weights; variants that are no layers take none. */
  readonly biases?: boolean | undefined;
  /** Puts the variant into a layer: its calls then have rows of whole tokens. Attention alone if omitted. */
  readonly layer?: LayerSettings | undefined;
  /** Asks for gradients, in this pass; the output alone if omitted. */
  readonly pass?: GradientPass | undefined;
}

/** A layer around the heads of a variant: Vaswani et al. 2017, arXiv 1706.03762, sec. 3.2.2. */
export interface LayerSettings {
  /** Width of a token, written D. */
  readonly modelDim: number;
  readonly heads: number;
  /** Heads of k and v. */
  readonly kvHeads: number;
  /** Width of a head of q and k. */
  readonly headDim: number;
  /** Width of a head of v. */
  readonly valueDim: number;
  /** How tokens know where they are, as written, such as `rope:half`; null if they do not. */
  readonly positions: string | null;
  /** Whether something is added to each product with weights, as in PyTorch. */
  readonly biases: boolean;
}

/** Gates by the names under which a call has them: the log of a decay, how much is written, a time step. */
export const GATES = ["g", "beta", "dt"] as const;

export type GateName = (typeof GATES)[number];

/** The gates that a call has, and whether each is one number a token or one a channel of k. */
export type GivenGates = Readonly<Partial<Record<GateName, "token" | "channel">>>;

/**
 * The keys that query `i` may attend: `i - left <= j <= i + right` and `from <= j < to`. Null is no limit.
 */
export interface KeyMask {
  /** May be negative, as may `right`: -1 excludes even the query's own key. */
  readonly left: number | null;
  readonly right: number | null;
  readonly from: number;
  readonly to: number | null;
}

/** The smallest and the largest scale: beyond them a float32 product of ordinary numbers is 0 or infinite. */
export const SCALES = { least: 1e-30, most: 1e30 } as const;

/** Whether a number can be a scale; NaN cannot. */
export function isScale(value: number): boolean {
  return value >= SCALES.least && value <= SCALES.most;
}

/** A mask as written in names of cases, such as `from=12,left=127`. */
export function maskText({ left, right, from, to }: KeyMask): string {
  const limits = { left, right, from: from === 0 ? null : from, to };
  return Object.entries(limits)
    .filter(([, limit]) => limit !== null)
    .map(([name, limit]) => `${name}=${limit}`)
    .join(",");
}
