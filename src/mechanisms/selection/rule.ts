import type { Choice } from "../../core/choice.ts";
import type { ExactProblem, Task } from "../../core/problem.ts";
import type { RowPlace } from "../../core/rows.ts";
import type { QKV, Shape } from "../../core/shape.ts";
import type { TableRow } from "../../core/table-one.ts";
import type { TensorSpecs } from "../../core/tensor-spec.ts";
import type { Kind } from "../kind.ts";
import type { ReferenceRow, Rounding } from "../oracle.ts";
import type { PairScore } from "../softmax-pattern/oracle-scores.ts";
import type { Yardstick } from "../yardstick.ts";
import type { Rule, Selection } from "./declare.ts";

/** A rule as the judge has it: what it chooses, whether a choice can be right, and what it costs. */
export interface RuleTruth<R extends Rule = Rule> {
  readonly causality: Kind["causality"];
  /** Whether a causal row is the same in every longer sequence. */
  readonly keepsPrefixes: boolean;
  /** Whether the weights of a row sum to 1. */
  readonly sumsToOne: boolean;
  /** Which of q, k and v it reads; omitted if all. */
  readonly reads?: readonly (typeof QKV)[number][];
  /** What a call is given besides q, k and v; omitted if nothing. */
  inputs?(rule: R): TensorSpecs;
  /** Why it cannot be computed for a shape; omitted if it always can. */
  whyNotShape?(rule: R, shape: Shape): string | null;
  /** What it approximates; omitted if full attention. */
  yardstick?(mechanism: Selection): Yardstick<Selection> | null;
  /** The work of a pass, in one head. */
  work(rule: R, task: RuleTask): RuleWork;
  /** Its row of Table 1. */
  table(rule: R, causal: boolean): TableRow;
  /** Decoding, or why there is none in words that follow the name of the kind. */
  readonly step: RuleStep<R> | string;
  /** Reads the numbers as they stand. It is asked at once, and may remember what it makes of them. */
  bind(rule: R, problem: ExactProblem<Selection>): BoundRule;
}

/** What the work of a rule depends on. */
export type RuleTask = Pick<Task, "shape" | "causal">;

/** Work in one head. */
export interface RuleWork {
  /** Pairs of a query and a key that it attends; where it depends on the numbers, what is to be expected of them. */
  readonly pairs: number;
  /** The fewest pairs, where they may be fewer; omitted if they may not. */
  readonly fewestPairs?: number;
  /** Operations of the rule. */
  readonly selectFlops: number;
  /** Operations of attending what was chosen. */
  readonly attendFlops: number;
}

/** Decoding by a rule: the token at `position`, in one head. */
export interface RuleStep<R extends Rule> {
  work(rule: R, shape: Shape, position: number): RuleWork;
  /** Tokens of those before `position`, the capacity being `length`, that the query there or a later one may attend. */
  keptTokens(rule: R, length: number, position: number): number;
  /** What is kept, in words such as "keeps every key". */
  readonly keeps: string;
}

/** A rule with the numbers of a problem. `choice` is a kernel's; null for that of float64. */
export interface BoundRule {
  /** The keys that a row attends under a choice, each once, in any order. */
  keys(place: RowPlace, choice: Choice | null): Iterable<number>;
  /** Why the choice of these rows cannot be right; null if it can be. The arrays are as declared. */
  whyNot(places: readonly RowPlace[], choice: Choice): string | null;
  /** The score of a row's keys, if not `scale · q·k`. */
  score?(place: RowPlace, round: Rounding): (key: number) => PairScore;
  /** A row, if it is not one softmax over its keys. */
  row?(place: RowPlace, choice: Choice | null, round: Rounding): ReferenceRow;
}
