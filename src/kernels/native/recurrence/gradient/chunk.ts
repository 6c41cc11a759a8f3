import { at, mask, number, r8, r9, r10, rax, rcx, rdi, rdx, rsi, zmm } from "../../assembler/index.ts";
import { countDown } from "../../code/frame.ts";
import { copyRows, multiply, scaleRows } from "../calls.ts";
import { WRITE } from "../forms.ts";
import { TOKENS, VECTOR } from "../layout.ts";
import { pairsOf, VARIANTS } from "../pairs.ts";
import { ifEqual, ifSet, placed, subroutine, word } from "../site.ts";
import { type BackSite, backWord, ifBackSet } from "./site.ts";

/** The variants of pairs in which nothing is erased. */
const READERS = VARIANTS.flatMap(({ reads, erases }, index) => (erases === null ? [{ index, reads }] : []));

/**
 * A subroutine: back over the tokens of a chunk. With q times the scale, k times β, shares D of what is left of an earlier token, S the
 * state before the chunk and R the gradient of the state after it, of which e of each key and b of each query are left:
 *
 *     dv_s = e_s Rᵀ k_s + Σ_t≥s D_ts (q_t·k_s) dout_t
 *     dk_s = e_s R v_s + Σ_t≥s D_ts (dout_t·v_s) q_t
 *     dq_t = b_t S dout_t + Σ_s≤t D_ts (dout_t·v_s) k_s
 *     R ← α R + Σ_t b_t q_t dout_tᵀ
 *
 * The first three are four products with a matrix in the place of the forward pass's two; R is taken on by the code that takes on S there.
 */
export function writeChunkBack(site: BackSite): void {
  const { a, places, back } = site;
  const { rows, lanes, squares } = places;

  subroutine(a, "chunk_back", () => {
    openChunk();
    ifSet(a, "byChannel", backByChannel, backByToken);
    ifSet(
      a,
      "writePerChannel",
      () => a.call("channel_write_gradients"),
      () => unlessWhole(() => a.call("token_write_gradients")),
    );
    a.call("token_gate_gradients");
    ifSet(a, "byChannel", () => a.call("channel_gate_gradients"));
    writeGradients();
    // The rows of values are those of dout: what the chunk adds to the gradient of the state.
    a.call("leave");
    ifSet(
      a,
      "isAlone",
      () => a.call("take_in"),
      () => a.call("take_in_joined"),
    );
  });

  /** A subroutine: the same of what a segment leaves of the gradient by itself, for which no key is read but by gates. */
  subroutine(a, "chunk_back_alone", () => {
    openGates();
    copyRows(site, "q", rows.queries);
    scaleQueries();
    copyDouts();
    ifSet(a, "byChannel", runQueries);
    turn(rows.queries, places.turned, "keyVectors");
    ifSet(
      a,
      "byChannel",
      () => {},
      () => {
        a.vmovups(zmm(1), placed(lanes.fromStart));
        a.call("scale_turned");
      },
    );
    a.call("leave");
    a.call("take_in");
  });

  /** Where channels decay together. */
  function backByToken(): void {
    a.call("score_pairs");
    a.call("value_pairs");
    ofValues();
    a.lea(rsi, placed(lanes.toEnd));
    a.lea(rdi, placed(back.rows.ofValues));
    a.mov(rcx, word("valueVectors"));
    a.call("scale_rows");
    add("add_later", back.rows.ofValues, rows.values, squares.scores, "value");
    a.mov(rsi, backWord(site, "after"));
    a.call("rows_of_after");
    add("add_later", back.rows.ofKeys, rows.queries, back.squares.weighted, "key");
    turn(rows.queries, places.turned, "keyVectors");
    a.mov(rsi, word("keptNow"));
    a.call("rows_of_state");
    add("add_earlier", back.rows.ofQueries, rows.keys, back.squares.weighted, "key");
    ifBackSet(site, "learnsDecays", () => a.call("token_log_gradients"));
    a.vmovups(zmm(1), placed(lanes.fromStart));
    a.call("scale_turned");
  }

  /** Where they decay by themselves: turned keys come out as they are at the end of the chunk, and queries as they read the state. */
  function backByChannel(): void {
    for (const { index, reads } of READERS) {
      ifEqual(a, "variant", index, () => {
        a.call(pairsOf(index));
        if (reads === "before") a.call("add_bonus");
      });
    }
    a.call("channel_value_pairs");
    a.lea(rsi, placed(places.turned));
    a.lea(rdi, placed(back.rows.kept));
    a.mov(rcx, word("keyVectors"));
    a.call("turn_to_rows");
    ofValues();
    add("add_later", back.rows.ofValues, rows.values, squares.scores, "value");
    // Channels have what is left of them in their pairs.
    a.vbroadcastss(zmm(0), a.constant(1));
    for (const whole of [lanes.toEnd, lanes.fromStart]) a.vmovupsStore(placed(whole), zmm(0));
    a.mov(rsi, backWord(site, "after"));
    a.call("rows_of_after");
    a.mov(rsi, word("keptNow"));
    a.call("rows_of_state");
    a.call("state_by_after_channels");
    for (const { index, reads } of READERS)
      ifEqual(a, "variant", index, () => a.call(`channels_back_${reads}`));
    ifSet(
      a,
      "decayPerChannel",
      () => {},
      () => a.call("sum_channels"),
    );
    runQueries();
    turn(rows.queries, places.turned, "keyVectors");
  }

  /** Queries by what is left of the state when they read it. */
  function runQueries(): void {
    for (const { index, reads } of READERS)
      ifEqual(a, "variant", index, () => a.call(`run_queries_${reads}`));
  }

  /** What the gradient of the state after the chunk makes of keys. */
  function ofValues(): void {
    ifSet(
      a,
      "isAlone",
      () => multiply(site, "read"),
      () => multiply(site, "readJoined"),
    );
  }

  function openGates(): void {
    copyRows(site, "k", rows.keys);
    a.call("turn_keys");
    a.call("chunk_decays");
  }

  function openChunk(): void {
    openGates();
    a.call("token_writes");
    copyRows(site, "k", back.rows.given);
    ifSet(a, "writePerChannel", openWrites, () =>
      unlessWhole(() => {
        a.lea(rsi, placed(lanes.written));
        scaleRows(site, rows.keys);
        a.vmovups(zmm(1), placed(lanes.written));
        a.call("scale_turned");
      }),
    );
    copyRows(site, "v", rows.output);
    turn(rows.output, back.turned.values, "valueVectors");
    copyDouts();
    turn(rows.values, back.turned.douts, "valueVectors");
    copyRows(site, "q", rows.queries);
    scaleQueries();
    ifSet(
      a,
      "isAlone",
      () => a.mov(rsi, word("state")),
      () => a.mov(rsi, word("joined")),
    );
    a.store(backWord(site, "after"), rsi);
  }

  /** β of each channel, and keys times that. */
  function openWrites(): void {
    ifEqual(a, "write", WRITE.logistic, () => {
      multiply(site, "writes");
      a.lea(rsi, placed(rows.writes));
      a.lea(rdi, placed(rows.writeLogits));
      a.call("copy_channels");
      a.call("channel_writes");
    });
    a.call("multiply_writes");
    a.call("multiply_key_rows");
  }

  /** Where tokens are not all written whole. */
  function unlessWhole(body: () => void): void {
    const whole = a.fresh("written_whole");
    ifEqual(a, "write", WRITE.one, () => a.jump(whole));
    body();
    a.label(whole);
  }

  function scaleQueries(): void {
    a.vbroadcastss(zmm(0), word("scale"));
    a.vmovupsStore(placed(lanes.factors), zmm(0));
    a.lea(rsi, placed(lanes.factors));
    scaleRows(site, rows.queries);
  }

  /** Rows of dout, in the place of those of values. */
  function copyDouts(): void {
    a.vbroadcastss(zmm(1), a.constant(1));
    a.kmovwLoad(mask(1), word("valueTail"));
    a.mov(rsi, backWord(site, "doutNow"));
    a.lea(rdi, placed(rows.values));
    a.mov(rdx, word("valueBytes"));
    a.mov(rcx, word("valueWhole"));
    a.call("copy_rows");
  }

  function turn(from: number, to: number, vectors: "keyVectors" | "valueVectors"): void {
    a.lea(rsi, placed(from));
    a.lea(rdi, placed(to));
    a.mov(rcx, word(vectors));
    a.call("turn_rows");
  }

  /** Adds rows of other tokens times a square. */
  function add(
    name: "add_earlier" | "add_later",
    to: number,
    from: number,
    square: number,
    side: "key" | "value",
  ): void {
    a.lea(rsi, placed(to));
    a.lea(r8, placed(from));
    a.lea(rdi, placed(square));
    a.mov(rcx, word(`${side}Vectors`));
    a.call(name);
  }

  function writeGradients(): void {
    a.vbroadcastss(zmm(1), word("scale"));
    write(back.rows.ofQueries, "dqNow", "key");
    a.vbroadcastss(zmm(1), a.constant(1));
    write(back.rows.ofKeys, "dkNow", "key");
    ifSet(a, "skip", addSkipped);
    a.vbroadcastss(zmm(1), a.constant(1));
    write(back.rows.ofValues, "dvNow", "value");
  }

  function write(from: number, to: "dqNow" | "dkNow" | "dvNow", side: "key" | "value"): void {
    a.kmovwLoad(mask(1), word(`${side}Tail`));
    a.lea(rsi, placed(from));
    a.mov(rdi, backWord(site, to));
    a.mov(rdx, word(`${side}Bytes`));
    a.mov(rcx, word(`${side}Whole`));
    a.call("write_rows");
  }

  /** What goes past the state. */
  function addSkipped(): void {
    a.vbroadcastss(zmm(1), word("skip"));
    a.lea(rsi, placed(rows.values));
    a.lea(rdi, placed(back.rows.ofValues));
    a.movImmediate(r9, TOKENS);
    countDown(a, r9, 1, () => {
      a.xor(rax, rax);
      a.mov(r10, word("valueVectors"));
      countDown(a, r10, 1, () => {
        a.vmovups(zmm(0), at(rdi, 0, rax));
        a.vfmadd231ps(zmm(0), zmm(1), at(rsi, 0, rax));
        a.vmovupsStore(at(rdi, 0, rax), zmm(0));
        a.add(rax, number(VECTOR));
      });
      a.add(rsi, number(places.row));
      a.add(rdi, number(places.row));
    });
  }

  /** The rows at rsi times zmm1, of the tokens that the chunk has, to rows of rdx bytes at rdi: rcx bytes, and the lanes of k1. */
  subroutine(a, "write_rows", () => {
    a.mov(r9, word("count"));
    countDown(a, r9, 1, () => {
      const [again, last] = [a.fresh("whole"), a.fresh("last")];
      a.xor(rax, rax);
      a.label(again);
      a.cmp(rax, rcx);
      a.jumpIf("ge", last);
      a.vmulps(zmm(0), zmm(1), at(rsi, 0, rax));
      a.vmovupsStore(at(rdi, 0, rax), zmm(0));
      a.add(rax, number(VECTOR));
      a.jump(again);
      a.label(last);
      a.vmulps(zmm(0), zmm(1), at(rsi, 0, rax));
      a.vmovupsStore(at(rdi, 0, rax), zmm(0), { mask: mask(1) });
      a.add(rsi, number(places.row));
      a.add(rdi, rdx);
    });
  });
}
