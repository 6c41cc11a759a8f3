import type { Task } from "../../core/problem.ts";
import { ANY_SHAPE, whyNotShape } from "../../core/shape.ts";
import { chainOf, isSummary, type Summary } from "../../mechanisms/summary/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareChain } from "./chain/chain-kernel.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";

/** Attention through summaries: the steps of its chain, one after another. */
export const summary: Ability<Summary, Means> = {
  is: isSummary,
  whyNot,
  prepare(problem, means) {
    const { mechanism, shape, causal } = problem;
    return prepareChain(problem, chainOf(mechanism, shape, causal), mechanism.inputs, means);
  },
};

function whyNot({ shape }: Task<Summary>): string | null {
  return whyNotShape(shape, ANY_SHAPE) ?? whyTooWide(shape);
}
