/** What somebody who chooses a variant asks of it besides its numbers, with its usual parameters. */
export interface Traits {
  /** `Family.id`. */
  readonly family: string;
  /** Whether it can be causal, and whether it can be anything else. */
  readonly causality: "either" | "always" | "never";
  /** Whether what decoding keeps grows with the tokens before or is bounded; `none` if it is not decoded. */
  readonly state: "constant" | "grows" | "none";
  /**
   * What it computes: full attention itself, maybe of turned q and k, `exact`; a stand-in for it, `approximate`; or a
   * function of its own, which is near to it by chance if at all.
   */
  readonly nearness: "exact" | "approximate" | "own";
  /** Whether it brings weights that only training makes useful: its own, or those of the layer that it is. */
  readonly learns: boolean;
}
