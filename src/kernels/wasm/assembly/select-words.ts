import { Call } from "./call";
import {
  RULE_moba, RULE_nsa, RULE_quest, RULE_topK, SELECTION_block, SELECTION_blocks, SELECTION_branchOuts, SELECTION_branchSums, SELECTION_candidateFactor, SELECTION_candidates,
  SELECTION_choice, SELECTION_gates, SELECTION_gateWeights, SELECTION_meanValues, SELECTION_moreCandidates, SELECTION_most,
  SELECTION_queries, SELECTION_rule, SELECTION_window,
} from "./generated/layout";

/** What a call is told of its rule: 32-bit words at `Call.selection`, written by the host. */
export class Selection {
  @inline static rule(call: usize): i32 { return load<i32>(Call.selection(call), SELECTION_rule); }
  /** Keys of a block; 1 where single keys are chosen. */
  @inline static block(call: usize): i32 { return load<i32>(Call.selection(call), SELECTION_block); }
  @inline static blocks(call: usize): i32 { return load<i32>(Call.selection(call), SELECTION_blocks); }
  /** The most that is chosen for a row. */
  @inline static most(call: usize): i32 { return load<i32>(Call.selection(call), SELECTION_most); }
  @inline static queries(call: usize): i32 { return load<i32>(Call.selection(call), SELECTION_queries); }
  /** What a query is compared with, packed as keys are: means or largest keys of blocks, and the least ones; or the keys. */
  @inline static candidates(call: usize): usize { return load<u32>(Call.selection(call), SELECTION_candidates); }
  @inline static moreCandidates(call: usize): usize { return load<u32>(Call.selection(call), SELECTION_moreCandidates); }
  /** What means are multiplied by. */
  @inline static candidateFactor(call: usize): f32 { return load<f32>(Call.selection(call), SELECTION_candidateFactor); }
  /** What was chosen for a row: ascending, and then -1. */
  @inline static choice(call: usize, row: i32): usize {
    return <usize>load<u32>(Call.selection(call), SELECTION_choice) + (<usize>row * <usize>Selection.most(call) << 2);
  }
  /** Of three softmaxes: keys that the last of them reads, and the values of the first, `[blocks, valueDim]`. */
  @inline static window(call: usize): i32 { return load<i32>(Call.selection(call), SELECTION_window); }
  @inline static meanValues(call: usize): usize { return load<u32>(Call.selection(call), SELECTION_meanValues); }
  /** The head's weights of the gate of a softmax, `[d]`, and the gates of its rows, `[queries, 8]`. */
  @inline static gateWeights(call: usize, branch: usize): usize { return load<u32>(Call.selection(call) + (branch << 2), SELECTION_gateWeights); }
  @inline static gates(call: usize, row: i32): usize {
    return <usize>load<u32>(Call.selection(call), SELECTION_gates) + (<usize>row << 5);
  }
  /** Where each softmax leaves what a gradient needs of a row: its output `[3, queries, valueDim]`; 0 if nowhere. */
  @inline static branchOuts(call: usize): usize { return load<u32>(Call.selection(call), SELECTION_branchOuts); }
  @inline static branchOut(call: usize, branch: usize, row: i32): usize {
    const rows = <usize>Selection.queries(call);
    return Selection.branchOuts(call) + (branch * rows + <usize>row) * (<usize>Call.valueDim(call) << 2);
  }
  /** And its maximum and what its weights are multiplied by `[3, queries, 2]`. */
  @inline static branchSum(call: usize, branch: usize, row: i32): usize {
    return <usize>load<u32>(Call.selection(call), SELECTION_branchSums) + ((branch * <usize>Selection.queries(call) + <usize>row) << 3);
  }
}

/** The token that a row's query is. */
@inline
export function tokenOf(call: usize, row: i32): i32 { return Call.firstQuery(call) + row; }

/** The block of a token, -1 before the first. */
@inline
export function blockOf(call: usize, token: i32): i32 { return token < 0 ? -1 : token / Selection.block(call); }

/** The first candidate of a row, and the one after its last. */
@inline
export function firstCandidate(call: usize): i32 { return Selection.rule(call) == RULE_nsa ? 1 : 0; }
export function endOfCandidates(call: usize, row: i32): i32 {
  if (!Call.causal(call)) return Selection.blocks(call);
  const token = tokenOf(call, row);
  const rule = Selection.rule(call);
  if (rule == RULE_topK) return max(0, token + 1);
  const own = blockOf(call, token);
  return max(0, rule == RULE_nsa ? own - 1 : own);
}

/** The block among a row's candidates that is none, since it is attended anyway; -1 if there is none. */
@inline
export function skippedBlock(call: usize, row: i32): i32 {
  return Selection.rule(call) == RULE_moba && !Call.causal(call) ? blockOf(call, tokenOf(call, row)) : -1;
}

/** Whether a row attends its own block only if it was chosen. */
@inline
export function choosesOwn(call: usize): bool { return Selection.rule(call) == RULE_quest; }
