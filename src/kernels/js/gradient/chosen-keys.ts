import type { Choice } from "../../../core/choice.ts";
import type { Problem } from "../../../core/problem.ts";
import {
  choiceSpecs,
  type Nsa,
  routingSizes,
  type Selection,
} from "../../../mechanisms/selection/declare.ts";
import type { Workspace } from "../../workspace.ts";
import { ReformerKeys } from "../reformer-keys.ts";
import { RoutingKeys } from "../routing-keys.ts";
import { ruleHead } from "../selection-rule.ts";
import type { HeadAt } from "./sums-by-head.ts";

/** The keys that a forward pass chose for each query. */
export interface ChosenKeys {
  /** The keys of the last row that was listed. */
  readonly keys: Int32Array;
  /** Turns to a head. */
  open(at: HeadAt): void;
  /** Lists the keys of a query, each query of a head once; returns how many they are. */
  list(query: number): number;
}

/** By a rule, out of what it chose. */
export function chosenKeys(
  { mechanism: { rule }, shape, causal }: Problem<Selection>,
  choice: Choice,
  workspace: Workspace,
): ChosenKeys {
  const { heads, length, headDim } = shape;
  const keys = new Int32Array(length);
  workspace.add(keys);
  switch (rule.id) {
    case "reformer": {
      const sorted = new ReformerKeys(rule, length, causal, choice.buckets, workspace);
      return {
        keys,
        open: ({ entry, head }) => sorted.open(entry * heads + head),
        list: (query) => sorted.list(query, keys),
      };
    }
    case "routing": {
      const taken = { queries: choice.queries, keys: choice.keys };
      const routed = new RoutingKeys(taken, { length, ...routingSizes(rule, length), causal }, workspace);
      return {
        keys,
        open: ({ entry, head }) => routed.open(entry * heads + head),
        list: (query) => routed.list(query, keys),
      };
    }
  }
  const [[name, { perRow }]] = Object.entries(choiceSpecs(rule, shape));
  const chosen = choice[name];
  let place = 0;
  const open = ({ entry, head }: HeadAt): void => {
    place = entry * heads + head;
  };
  const at = (query: number): number => (place * length + query) * perRow;
  if (rule.id === "nsa")
    return { keys, open, list: (query) => listBlocks(rule, query, chosen, at(query), perRow, keys) };
  const head = ruleHead(rule, { length, headDim, causal, perRow }, workspace, workspace);
  return {
    keys,
    open,
    list: (query) => head.list(query, causal ? query + 1 : length, chosen, at(query), keys),
  };
}

/** The keys of the first block, of those that were chosen, of the one before the query's own and of that. */
function listBlocks(
  { block }: Nsa,
  query: number,
  chosen: Int32Array,
  at: number,
  perRow: number,
  to: Int32Array,
): number {
  const own = Math.floor(query / block);
  let count = 0;
  const list = (one: number): void => {
    for (let key = one * block; key < Math.min((one + 1) * block, query + 1); key++) to[count++] = key;
  };
  list(0);
  for (let n = at; n < at + perRow && chosen[n] >= 0; n++) list(chosen[n]);
  if (own > 1) list(own - 1);
  if (own > 0) list(own);
  return count;
}
