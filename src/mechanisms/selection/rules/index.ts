import { UsageError } from "../../../core/errors.ts";
import type { Rule } from "../declare.ts";
import type { RuleTruth } from "../rule.ts";
import { moba } from "./moba.ts";
import { nsa } from "./nsa.ts";
import { quest } from "./quest.ts";
import { topK } from "./top-k.ts";

type Truths = { readonly [Id in Rule["id"]]?: RuleTruth<Extract<Rule, { id: Id }>> };

/** Every rule as the judge has it. */
const TRUTHS: Truths = { "top-k": topK, moba, nsa, quest };

/** A rule as the judge has it. */
export function truthOf(rule: Rule): RuleTruth {
  const truth = TRUTHS[rule.id];
  if (truth === undefined) throw new UsageError(`rule ${rule.id}: it has no reference`);
  // Looked up by its own id.
  return truth as RuleTruth;
}
