import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import {
  type Assembler,
  at,
  COMPARE_INTEGERS,
  number,
  r11,
  r12,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rdi,
  rsi,
  zmm,
} from "../assembler/index.ts";
import { foldLanes } from "../code/fold.ts";
import { functionOf } from "../code/frame.ts";
import { LANES, VECTOR } from "../code/transpose.ts";
import { callTurn, writeTurn } from "../pairwise/turn.ts";
import { COPY, copyRow } from "./copy-row.ts";
import { finishRows } from "./finish-rows.ts";
import { addKeyBiases, sixteenLanes } from "./key-biases.ts";
import { CALL, READER, SLICE } from "./layout.ts";
import { listKeys } from "./list-keys.ts";
import { KEY_TAIL, scoreKeys } from "./scores.ts";
import { eachSlice, keepToken, placeQuery, turnToken } from "./token.ts";
import { addValues, eachReader, VALUE_TAIL } from "./values.ts";
import { KEYS, raiseMaximum, weighKeys } from "./weights.ts";

const SUBROUTINE = {
  list: "list_keys",
  weigh: "weigh_keys",
  raise: "raise_maximum",
  scores: "score_keys",
  values: "add_values",
} as const;

/**
 * One token: every cache, which is a slice, keeps its key and value, and the queries of the heads that read it attend
 * the keys of their row, a block at a time: scores and weights of all heads, then their sums of values. Each key and
 * value comes from memory once.
 */
export function writeStep(a: Assembler, normaliser: NormaliserName): void {
  writeTurn(a);
  listKeys(a, SUBROUTINE.list, rbx);
  raiseMaximum(a, SUBROUTINE.raise);
  weighSixteen(a, SUBROUTINE.weigh, normaliser);
  scoreKeys(a, SUBROUTINE.scores, SUBROUTINE.weigh);
  addValues(a, SUBROUTINE.values);
  copyRow(a, COPY.key, CALL.keyLast, KEY_TAIL);
  copyRow(a, COPY.value, CALL.valueLast, VALUE_TAIL);
  functionOf(a, "turn_rows", () => callTurn(a, rdi));
  functionOf(a, "step", () => {
    a.mov(rbp, rdi);
    turnToken(a);
    placeQuery(a);
    a.kmovwLoad(KEY_TAIL, at(rbp, CALL.keyTail));
    a.kmovwLoad(VALUE_TAIL, at(rbp, CALL.valueTail));
    eachSlice(a, () => {
      keepToken(a);
      beginReaders(a);
      attend(a, normaliser);
    });
  });
}

/** Scales the queries of the slice and begins their sums. */
function beginReaders(a: Assembler): void {
  const [numbers, rows] = [zmm(2), rbx];
  const known = a.fresh("number_known");
  a.mov(rows, at(rbp, CALL.slice));
  a.mov(rows, at(rows, SLICE.rowNumbers));
  a.vbroadcastss(numbers, at(rbp, CALL.rowNumber));
  a.test(rows, rows);
  a.jumpIf("e", known);
  a.mov32(rax, at(rbp, CALL.position));
  a.vbroadcastss(numbers, at(rows, 0, rax, 4));
  a.label(known);
  a.vbroadcastss(zmm(0), at(rbp, CALL.factor));
  a.vpxord(zmm(3), zmm(3), zmm(3));
  a.vmovups(zmm(4), at(rbp, CALL.firstTotal));
  a.mov(r14, at(rbp, CALL.slice));
  a.mov(r14, at(r14, SLICE.bias));
  eachReader(a, r15, () => {
    a.store(at(r12, READER.bias), r14);
    a.add(r14, at(rbp, CALL.biasBytes));
    a.mov(rsi, at(rbp, CALL.query));
    a.mov(rdi, at(r12, READER.query));
    a.call(COPY.key);
    a.add(rsi, at(rbp, CALL.queryBytes));
    a.store(at(rbp, CALL.query), rsi);
    a.vmovupsStore(at(r12, READER.maximum), numbers);
    a.vmovupsStore(at(r12, READER.total), zmm(4));
    a.mov(rdi, at(r12, READER.output));
    a.mov(rsi, at(rbp, CALL.valueLast));
    const zeros = a.fresh("zeros");
    a.label(zeros);
    a.vmovupsStore(at(rdi, 0, rsi), zmm(3));
    a.sub(rsi, number(VECTOR));
    a.jumpIf("ge", zeros);
  });
}

/** The keys of the row, a block at a time, and then its outputs. */
function attend(a: Assembler, normaliser: NormaliserName): void {
  const [block, empty, end] = ["block", "no_keys", "attended"].map((name) => a.fresh(name));
  listNext(a);
  a.jumpIf("e", empty);
  a.label(block);
  eachReader(a, rbx, () => {
    if (normaliser === "softmax") clearTotal(a);
    a.call(SUBROUTINE.scores);
  });
  eachReader(a, rbx, () => {
    a.call(SUBROUTINE.values);
    if (normaliser === "softmax") addTotals(a);
  });
  a.mov(rax, at(rbp, CALL.keys));
  a.cmp(rax, at(rbp, CALL.block));
  const last = a.fresh("last_block");
  a.jumpIf("l", last);
  listNext(a);
  a.jumpIf("ne", block);
  a.label(last);
  finishRows(a, normaliser, COPY.value);
  a.jump(end);
  a.label(empty);
  finishRows(a, "nothing", COPY.value);
  a.label(end);
}

/** Lists the next block; equal if it has no keys. */
function listNext(a: Assembler): void {
  a.mov(rbx, at(rbp, CALL.slice));
  a.call(SUBROUTINE.list);
  a.test(r11, r11);
}

/** A subroutine: the weights of 16 keys, r15 of which are keys at least, from their sums, at r13. */
function weighSixteen(a: Assembler, label: string, normaliser: NormaliserName): void {
  a.label(label);
  a.vpbroadcastd(zmm(16), r15);
  a.vpcmpd(KEYS, zmm(16), sixteenLanes(a), COMPARE_INTEGERS.greater);
  for (let key = 0; key < LANES; key++) a.vmovups(zmm(key), at(rbp, CALL.sums + VECTOR * key));
  foldLanes(a);
  addKeyBiases(a);
  weighKeys(a, normaliser, SUBROUTINE.raise);
  a.ret();
}

function clearTotal(a: Assembler): void {
  a.vpxord(zmm(0), zmm(0), zmm(0));
  a.vmovupsStore(at(r12, READER.blockTotal), zmm(0));
}

/** Adds the sum of a block's weights to that of the row. */
function addTotals(a: Assembler): void {
  a.vmovups(zmm(0), at(r12, READER.total));
  a.vaddps(zmm(0), zmm(0), at(r12, READER.blockTotal));
  a.vmovupsStore(at(r12, READER.total), zmm(0));
}
