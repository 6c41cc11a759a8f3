/** What somebody who chooses a variant asks of it besides its numbers, with its usual parameters. */
export interface Traits {
  /** `Family.id`. */
  readonly family: string;
  /** Whether it can be causal, and whether it can be anything else. */
  readonly causality: "either" | "always" | "never";
  /** How what decoding keeps grows with the tokens before: `none` if it is not decoded. */
  readonly state: "constant" | "grows" | "none";
  /**
   * What it computes: what full attention (or another variant) computes, `exact`; a stand-in for that, `approximate`; or
   * a function of its own, to which no distance is measured.
   */
  readonly nearness: "exact" | "approximate" | "own";
  /** Whether it has weights besides those of the layer around it, which only training makes useful. */
  readonly learns: boolean;
}
