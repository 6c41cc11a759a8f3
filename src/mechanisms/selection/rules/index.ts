import type { Rule } from "../declare.ts";
import type { RuleTruth } from "../rule.ts";
import { moba } from "./moba.ts";
import { nsa } from "./nsa.ts";
import { quest } from "./quest.ts";
import { reformer } from "./reformer.ts";
import { routing } from "./routing.ts";
import { topK } from "./top-k.ts";

type Truths = { readonly [Id in Rule["id"]]: RuleTruth<Extract<Rule, { id: Id }>> };

/** Every rule as the judge has it. */
const TRUTHS: Truths = { "top-k": topK, moba, nsa, quest, reformer, routing };

/** A rule as the judge has it. */
export function truthOf(rule: Rule): RuleTruth {
  // Looked up by its own id.
  return TRUTHS[rule.id] as RuleTruth;
}
