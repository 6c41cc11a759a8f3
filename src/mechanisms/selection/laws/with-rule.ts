import type { Problem } from "../../../core/problem.ts";
import type { JudgedProblem } from "../../judged.ts";
import { type Held, problemOf, type Subject } from "../../laws/law.ts";
import { withNamed } from "../../named-inputs.ts";
import { isSelection, type Rule, type Selection } from "../declare.ts";

/** The rule of a subject; null if it selects nothing, or by another rule than this. */
export function ruleIn<Id extends Rule["id"]>(
  { filled: { mechanism } }: Pick<Subject, "filled">,
  id: Id,
): Extract<Rule, { id: Id }> | null {
  if (!isSelection(mechanism) || mechanism.rule.id !== id) return null;
  return mechanism.rule as Extract<Rule, { id: Id }>;
}

/** A subject's problem by another rule of its own kind. */
export function byRule(subject: Held, rule: Rule): JudgedProblem & Problem<Selection> {
  const { mechanism } = subject.filled;
  if (!isSelection(mechanism)) throw new TypeError(`${mechanism.kind} selects nothing`);
  return { ...problemOf(subject), mechanism: { ...mechanism, rule } };
}

/** The same where another rule has learned other numbers, which are drawn. */
export function byRuleAnew(subject: Held, rule: Rule): JudgedProblem & Problem<Selection> {
  const problem = byRule(subject, rule);
  return { ...problem, inputs: withNamed(problem, problem.inputs, subject.seed) };
}
