import type { Moba, Quest, Rule, TopK } from "../../mechanisms/selection/declare.ts";
import type { Workspace } from "../workspace.ts";
import { MobaHead } from "./selection-moba.ts";
import { QuestHead } from "./selection-quest.ts";
import { TopKHead } from "./selection-top-k.ts";

/**
 * A rule in one head: keys are taken in one after the other, and a query chooses among those so far. Nothing is allocated
 * while it does.
 */
export interface RuleHead {
  /** Forgets the keys. */
  clear(): void;
  /** Takes in the key of a token, the next one, that begins at `at`. */
  takeIn(keys: Float32Array, at: number, token: number): void;
  /**
   * Writes what the query of a token chooses among the `length` keys that were taken in, which begin at `keysAt`, from
   * `to[at]` on. What it leaves is -1 before.
   */
  choose(
    q: Float32Array,
    queryAt: number,
    token: number,
    keys: Float32Array,
    keysAt: number,
    length: number,
    to: Int32Array,
    at: number,
  ): void;
  /** Lists the keys that were chosen, and returns how many they are. */
  list(token: number, length: number, chosen: Int32Array, at: number, to: Int32Array): number;
  /** Keys that are read to take in one and to choose for its query. */
  keysRead(length: number): number;
  /** Operations of choosing for one query. */
  flops(token: number, length: number): number;
  /** Keys that it then attends, at most. */
  attended(token: number, length: number): number;
  /** Bytes that are kept of `tokens` keys besides the keys. */
  stateBytes(tokens: number): number;
  /** Bytes of that and of keys that the query after `tokens` keys reads and writes to choose. */
  stepBytes(tokens: number): number;
}

/** The rules of this family that choose by themselves for every query. */
export type QueryRule = TopK | Moba | Quest;

/** Whether a rule chooses by itself for every query. */
export function isQueryRule(rule: Rule): rule is QueryRule {
  return rule.id === "top-k" || rule.id === "moba" || rule.id === "quest";
}

/** What a rule needs to know of a task. */
export interface RuleSizes {
  /** The most tokens. */
  readonly length: number;
  readonly headDim: number;
  readonly causal: boolean;
  /** Numbers of a query's choice. */
  readonly perRow: number;
}

/** A rule with room for the keys of a head; `state` counts what is kept of them, `workspace` the rest. */
export function ruleHead(
  rule: QueryRule,
  sizes: RuleSizes,
  workspace: Workspace,
  state: Workspace,
): RuleHead {
  switch (rule.id) {
    case "top-k":
      return new TopKHead(sizes, workspace);
    case "moba":
      return new MobaHead(rule, sizes, workspace, state);
    case "quest":
      return new QuestHead(rule, sizes, workspace, state);
    default:
      return rule satisfies never;
  }
}

/** The most keys that a query attends. */
export function mostKeys(rule: QueryRule, { length }: Pick<RuleSizes, "length">): number {
  switch (rule.id) {
    case "top-k":
      return Math.min(length, rule.keys);
    case "moba":
      return Math.min(length, rule.chosen * rule.block);
    case "quest":
      return Math.min(length, rule.pages * rule.page);
    default:
      return rule satisfies never;
  }
}
