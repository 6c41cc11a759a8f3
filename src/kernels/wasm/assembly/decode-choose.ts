import { clearBest, finishBest, takeBest } from "./best";
import { Call } from "./call";
import { RULE_moba, RULE_nsa, RULE_quest, RULE_topK } from "./generated/layout";
import { Kept } from "./kept-words";
import { Lane } from "./lane";
import { scoreKeys } from "./matrix-vector";

/**
 * Chooses for the query in the lane, of the token at `position`: writes what it chooses to the list, ascending and then -1, and returns
 * how many that are. Of single keys the scores remain in the lane.
 */
export function chooseFor(call: usize, lane: usize, slice: i32, position: i32, list: usize): i32 {
  const rule = Kept.rule(call);
  const most = Kept.most(call);
  const first = rule == RULE_nsa ? 1 : 0;
  const candidates = candidatesOf(rule, position, Kept.block(call));
  let count = 0;
  if (rule != RULE_topK && candidates <= most) {
    for (; count < candidates; count++) store<i32>(list + (<usize>count << 2), first + count);
  } else {
    scoreCandidates(call, lane, slice, first, candidates);
    const best = Lane.best(lane);
    clearBest(best);
    takeBest(Lane.scores(lane), 0, candidates, first, best, most);
    count = finishBest(best, most, list);
  }
  for (let n = count; n < most; n++) store<i32>(list + (<usize>n << 2), -1);
  return count;
}

/** How many keys or blocks the query at a position chooses among. */
@inline
function candidatesOf(rule: i32, position: i32, block: i32): i32 {
  if (rule == RULE_topK) return position + 1;
  const own = position / block;
  if (rule == RULE_quest) return own + 1;
  return rule == RULE_moba ? own : max(0, own - 2);
}

function scoreCandidates(call: usize, lane: usize, slice: i32, first: i32, count: i32): void {
  const rule = Kept.rule(call);
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  const parts = Lane.parts(lane);
  if (rule == RULE_topK) {
    scoreKeys(Lane.queries(lane), Kept.keys(call, slice), keyRow, count, keyRow, Lane.scores(lane), parts);
    return;
  }
  const rowBytes = Kept.summaryBytes(call);
  let query = Lane.queries(lane);
  if (rule == RULE_quest) {
    splitSigns(query, keyRow, Lane.queryRows(lane));
    query = Lane.queryRows(lane);
  }
  scoreKeys(query, Kept.summaries(call, slice) + <usize>first * rowBytes, rowBytes, count, rowBytes, Lane.scores(lane), parts);
}

/** What is above 0 in a query, and behind it what is below: as rows of bounds have what is most, and what is least. */
function splitSigns(query: usize, keyRow: usize, to: usize): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < keyRow; i += 16) {
    const x = v128.load(query + i);
    v128.store(to + i, f32x4.max(x, zero));
    v128.store(to + keyRow + i, f32x4.min(x, zero));
  }
}
