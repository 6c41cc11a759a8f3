import {
  type Assembler,
  at,
  COMPARE,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rcx,
  rdx,
  zmm,
} from "../../assembler/index.ts";
import { transpose } from "../../code/transpose.ts";
import { CHUNK, FEATURE_ROW, LANES, VECTOR, VECTORS } from "../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../maps/rows.ts";
import { TOKENS, tokenMasks } from "../masks.ts";
import { clearEarlier, everyBlock, first, onDiagonal, remaining, step } from "../triangle.ts";
import { ADDS, BY_FEATURE, BY_TOKEN, call, lane, part, product, REPLACES } from "../words.ts";

const ROW = number(FEATURE_ROW);
/** Queries or keys whose gradients of features are added to at once: wider than the blocks of pairs, so that tiles are. */
const WIDE = 32;

/** Of the chunk's pairs, `[keys, queries]`: the weights φ(k)·φ(q), and their gradients, share·v + mean. 0 for queries before the key. */
export const openPairs = part("open_pairs", (a) => {
  pairs(a, "scores", "keys", "queries", call("features"));
  pairs(a, "pairSlopes", "turnedValues", "turnedShares", call("valueTerms"));
  turnPairs(a);
  findUnusual(a);
});

/**
 * Products of keys' numbers with queries', from the diagonal on, 16 keys at a time. What is before a block on the diagonal is never
 * written, and stays 0.
 */
function pairs(
  a: Assembler,
  to: "scores" | "pairSlopes",
  keys: "keys" | "turnedValues",
  queries: "queries" | "turnedShares",
  inner: ReturnType<typeof call>,
): void {
  a.movImmediate(step, LANES);
  everyBlock(a, () => {
    remaining(a, r8, LANES);
    remaining(a, r9, CHUNK);
    fromFirst(a, r10, keys);
    fromFirst(a, r11, queries);
    onDiagonal(a, rcx, to);
    product(a, {
      ...{ a: r10, ...BY_TOKEN, rows: r8, inner },
      ...{ b: r11, bRow: ROW, columns: r9, c: rcx, cRow: ROW, ...REPLACES },
    });
    onDiagonal(a, r8, to);
    clearEarlier(a);
  });
}

/** The gradients of pairs as `[queries, keys]`: blocks of 16 by 16 on the diagonal and after it. */
function turnPairs(a: Assembler): void {
  a.mov(r8, lane("pairSlopes"));
  a.mov(r9, lane("turnedSlopes"));
  for (let key = 0; key < VECTORS; key++) {
    for (let query = key; query < VECTORS; query++) {
      const from = LANES * key * FEATURE_ROW + VECTOR * query;
      const to = LANES * query * FEATURE_ROW + VECTOR * key;
      a.lea(r10, at(r8, from));
      a.lea(r11, at(r9, to));
      a.call(TURN_PAIRS);
    }
  }
}

const TURN_PAIRS = "turn_pairs";

/** The subroutine: a block at r10, to r11. */
export function writeTurnPairs(a: Assembler): void {
  a.align(32);
  a.label(TURN_PAIRS);
  transpose(
    a,
    (row, to) => a.vmovups(to, at(r10, FEATURE_ROW * row)),
    (column, from) => a.vmovupsStore(at(r11, FEATURE_ROW * column), from),
  );
  a.ret();
}

/** Where a chunk's numbers of the block's first token are. */
function fromFirst(a: Assembler, to: Gpr, of: "keys" | "queries" | "turnedValues" | "turnedShares"): void {
  a.mov(to, lane(of));
  a.lea(to, at(to, 0, first, 4));
}

/**
 * Tokens whose sums are made together: so many, or one by one if a feature or a share is not finite, since 0 times it would be
 * NaN for tokens that do not meet it.
 */
function openBlocks(a: Assembler, tokens: number): void {
  const finite = a.fresh("all_finite");
  a.movImmediate(step, tokens);
  a.mov(rax, lane("finite"));
  a.test(rax, rax);
  a.jumpIf("ne", finite);
  a.movImmediate(step, 1);
  a.label(finite);
}

/** As many of the block's tokens as there are, at most a step. */
function ofBlock(a: Assembler, to: Gpr): void {
  a.mov(to, lane("count"));
  a.sub(to, first);
  a.cmp(to, step);
  a.cmov("g", to, step);
}

/** What the chunk's own keys add to the gradients of its queries' features: `Σ_{j ≤ i} φ(k_j) (share_i·v_j + mean_i)`. */
export const addOwnKeys = part("add_own_keys", (a) => {
  openBlocks(a, WIDE);
  everyBlock(a, () => {
    ofBlock(a, r8);
    a.lea(r9, at(r8, 0, first, 1));
    a.mov(r10, lane("pairSlopes"));
    a.lea(r10, at(r10, 0, first, 4));
    a.mov(r11, lane("slopes"));
    a.lea(r11, at(r11, 0, first, 4));
    product(a, {
      ...{ a: lane("keys"), ...BY_FEATURE, rows: call("features"), inner: r9 },
      ...{ b: r10, bRow: ROW, columns: r8, c: r11, cRow: ROW, ...ADDS },
    });
  });
});

/** What its own queries add to the gradients of its keys' features: `Σ_{i ≥ j} φ(q_i) (share_i·v_j + mean_i)`. */
export const addOwnQueries = part("add_own_queries", (a) => {
  openBlocks(a, WIDE);
  everyBlock(a, () => {
    ofBlock(a, r8);
    remaining(a, r9, CHUNK);
    fromFirst(a, r10, "queries");
    onDiagonal(a, rcx, "turnedSlopes");
    a.mov(r11, lane("slopes"));
    a.lea(r11, at(r11, 0, first, 4));
    product(a, {
      ...{ a: r10, ...BY_FEATURE, rows: call("features"), inner: r9 },
      ...{ b: rcx, bRow: ROW, columns: r8, c: r11, cRow: ROW, ...ADDS },
    });
  });
});

/** What its own queries add to dv: `Σ_{i ≥ j} φ(k_j)·φ(q_i) share_i`. */
export const addOwnShares = part("add_own_shares", (a) => {
  openBlocks(a, LANES);
  everyBlock(a, () => {
    ofBlock(a, r8);
    remaining(a, r9, CHUNK);
    onDiagonal(a, rcx);
    a.mov(r10, call("stateRow"));
    a.imul(r10, first);
    a.add(r10, lane("shares"));
    a.mov(r11, call("valueRow"));
    a.imul(r11, first);
    a.add(r11, lane("dv"));
    product(a, {
      ...{ a: rcx, ...BY_FEATURE, rows: r8, inner: r9 },
      ...{ b: r10, bRow: call("stateRow"), columns: call("columns") },
      ...{ c: r11, cRow: call("valueRow"), ...ADDS },
    });
  });
});

const SUMS = rowOf(0);
const ZERO = zmm(8);
const UNUSUAL = mask(5);

/** Sets lane.finite to 1 if all features and shares of the chunk's tokens are finite, to 0 if not: 0 times each of them tells. */
function findUnusual(a: Assembler): void {
  const features = rdx;
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  a.vpxord(ZERO, ZERO, ZERO);
  for (const sum of SUMS) a.vpxord(sum, sum, sum);
  for (const [name, count] of [
    ["keys", "features"],
    ["queries", "features"],
    ["turnedShares", "columns"],
  ] as const) {
    a.mov(r8, lane(name));
    a.mov(features, call(count));
    repeat(a, features, () => {
      for (const [vector, from] of vectorsAt(r8).entries()) {
        a.vfmadd231ps(SUMS[vector], ZERO, from, { mask: TOKENS[vector] });
      }
      nextRow(a, r8);
    });
  }
  a.xor(rcx, rcx);
  for (const sum of SUMS) {
    a.vcmpps(UNUSUAL, sum, sum, COMPARE.unordered);
    a.kmovwToGeneral(rax, UNUSUAL);
    a.or(rcx, rax);
  }
  a.movImmediate(rax, 1);
  a.xor(rdx, rdx);
  a.test(rcx, rcx);
  a.cmov("ne", rax, rdx);
  a.store(lane("finite"), rax);
}
