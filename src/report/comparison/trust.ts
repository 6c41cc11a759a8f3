import type { Comparison, Trust } from "../../compare/comparison.ts";
import { shortName } from "../../text/labels.ts";
import type { TrustSign } from "../trust-sign.ts";
import { sightOf } from "./answer.ts";

const signs: Readonly<Record<Trust["weight"], TrustSign["sign"]>> = { strong: "✓", weak: "⚠", none: "✗" };

/** How much a comparison proves: `✓ measured in turn, in 22 blocks; slow-downs from 3.1 % would show`. */
export function comparisonTrust(comparison: Comparison): TrustSign {
  const { weight, why } = comparison.trust;
  // Where times cannot be trusted nothing would show for sure.
  const seen = weight === "none" ? null : sightOf(comparison);
  return {
    sign: signs[weight],
    text: `${shortName(why, 200)}${seen === null ? "" : `; slow-downs from ${seen} would show`}`,
  };
}

/** The processor that both sides ran on, or both of theirs. */
export function machineText({ base, head }: Pick<Comparison, "base" | "head">): string {
  const [before, after] = [base, head].map(({ cpu }) => shortName(cpu, 100));
  return before === after ? before : `${before} against ${after}`;
}
