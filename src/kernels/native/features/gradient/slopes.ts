import { type Assembler, at, number, r8, r9, r10, rcx, rdx, zmm } from "../../assembler/index.ts";
import { FEATURE_ROW, LANES, VECTOR } from "../layout.ts";
import { nextRow, repeat, rowOf, vectorsAt } from "../maps/rows.ts";
import { mergeLanes, TOKENS, tokenMasks } from "../masks.ts";
import { CHAIN } from "../sums.ts";
import { ADDS, BY_FEATURE, BY_TOKEN, call, item, lane, part, product, REPLACES } from "../words.ts";

const X = rowOf(0);
const MEANS = rowOf(4);

/**
 * The gradients of the chunk's features of queries, `[features, queries]`, by the state S of keys at lane.read:
 * `Σ_c S[r][c] share[c] + z[r] mean`.
 */
export const querySlopes = part("query_slopes", (a) => {
  openSlopes(a, "read", (sum) => {
    for (const [vector, x] of X.entries()) a.vmulps(x, sum, MEANS[vector]);
  });
  product(a, {
    ...{ a: lane("read"), aRow: call("stateRow"), aStep: number(4), rows: call("features") },
    ...{ b: lane("turnedShares"), bRow: number(FEATURE_ROW), columns: lane("count"), inner: call("columns") },
    ...{ c: lane("slopes"), cRow: number(FEATURE_ROW), ...ADDS },
  });
});

/**
 * The same where the means follow from them: what a query's features make of S and its share is `dout·out`, so that the output is not
 * needed.
 */
export const slopesAndMeans = part("slopes_and_means", (a) => {
  product(a, {
    ...{ a: lane("read"), aRow: call("stateRow"), aStep: number(4), rows: call("features") },
    ...{ b: lane("turnedShares"), bRow: number(FEATURE_ROW), columns: lane("count"), inner: call("columns") },
    ...{ c: lane("slopes"), cRow: number(FEATURE_ROW), ...REPLACES },
  });
  sumSlopes(a);
  a.mov(r8, lane("read"));
  a.add(r8, call("sums"));
  a.mov(r9, lane("slopes"));
  a.mov(rcx, call("features"));
  repeat(a, rcx, () => {
    a.vbroadcastss(zmm(8), at(r8));
    for (const [vector, place] of vectorsAt(r9).entries()) {
      a.vmovups(X[vector], place);
      a.vfmadd231ps(X[vector], zmm(8), MEANS[vector]);
      a.vmovupsStore(place, X[vector]);
    }
    a.add(r8, number(4));
    nextRow(a, r9);
  });
});

/** Means: `-Σ_r φ(q)[r] slopes[r] / Σw`, 0 behind the last query. No chain of sums is longer than 64. */
function sumSlopes(a: Assembler): void {
  const [next, last] = [a.fresh("slope_terms"), a.fresh("last_slopes")];
  const [terms, block] = [rowOf(8), rdx];
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  a.mov(r8, lane("queries"));
  a.mov(r9, lane("slopes"));
  for (const mean of MEANS) a.vpxord(mean, mean, mean);
  a.mov(rcx, call("features"));
  a.label(next);
  for (const term of terms) a.vpxord(term, term, term);
  a.movImmediate(block, CHAIN);
  a.cmp(block, rcx);
  a.jumpIf("le", last);
  a.mov(block, rcx);
  a.label(last);
  a.sub(rcx, block);
  repeat(a, block, () => {
    const features = vectorsAt(r8);
    for (const [vector, from] of vectorsAt(r9).entries()) {
      a.vmovups(X[vector], from);
      a.vfmadd231ps(terms[vector], X[vector], features[vector]);
    }
    nextRow(a, r8, r9);
  });
  for (const [vector, mean] of MEANS.entries()) a.vsubps(mean, mean, terms[vector]);
  a.test(rcx, rcx);
  a.jumpIf("ne", next);
  a.mov(r8, lane("divisors"));
  a.mov(r9, lane("means"));
  for (const [vector, mean] of MEANS.entries()) {
    a.vmulps(mean, mean, vectorsAt(r8)[vector], { mask: TOKENS[vector], zero: true });
    a.vmovupsStore(vectorsAt(r9)[vector], mean);
  }
}

/** Those of its features of keys, `[features, keys]`, by the state U of queries at lane.total: `Σ_c U[r][c] v[c] + u[r]`. */
export const keySlopes = part("key_slopes", (a) => {
  openSlopes(a, "total", (sum) => {
    for (const x of X) a.vmovups(x, sum);
  });
  product(a, {
    ...{ a: lane("total"), aRow: call("stateRow"), aStep: number(4), rows: call("features") },
    ...{ b: lane("turnedValues"), bRow: number(FEATURE_ROW), columns: lane("count"), inner: call("columns") },
    ...{ c: lane("slopes"), cRow: number(FEATURE_ROW), ...ADDS },
  });
});

/** What the sums of a state give: a row of each feature. */
function openSlopes(
  a: Assembler,
  state: "read" | "total",
  write: (sum: ReturnType<typeof zmm>) => void,
): void {
  a.mov(r8, lane(state));
  a.add(r8, call("sums"));
  a.mov(r9, lane("slopes"));
  a.mov(r10, lane("means"));
  for (const [vector, from] of vectorsAt(r10).entries()) a.vmovups(MEANS[vector], from);
  a.mov(rcx, call("features"));
  repeat(a, rcx, () => {
    a.vbroadcastss(zmm(8), at(r8));
    write(zmm(8));
    for (const [vector, to] of vectorsAt(r9).entries()) a.vmovupsStore(to, X[vector]);
    a.add(r8, number(4));
    nextRow(a, r9);
  });
}

/** dv of the chunk, by the state of queries at lane.total: `Σ_r φ(k)[r] U[r]`, or adds it. */
export const valueSlopes = part("value_slopes", (a) => {
  product(a, {
    ...{ a: lane("keys"), ...BY_TOKEN, rows: lane("count"), inner: call("features") },
    ...{ b: lane("total"), bRow: call("stateRow"), columns: call("columns") },
    ...{ c: lane("dv"), cRow: call("valueRow"), add: item("adds") },
  });
});

/** The state at lane.state takes in the chunk's queries: rows += φ(q) shareᵀ, sums += φ(q) mean. */
export const addQueries = part("add_queries", (a) => {
  product(a, {
    ...{ a: lane("queries"), ...BY_FEATURE, rows: call("features"), inner: lane("count") },
    ...{ b: lane("shares"), bRow: call("stateRow"), columns: call("columns") },
    ...{ c: lane("state"), cRow: call("stateRow"), ...ADDS },
  });
  addMeans(a);
});

/** Sums of the chunk's features by means, 16 features at once: lanes of four vectors, then of the sum. */
function addMeans(a: Assembler): void {
  const [x, means] = [zmm(24), rowOf(20)];
  a.mov(rcx, lane("count"));
  tokenMasks(a, rcx);
  a.mov(r8, lane("queries"));
  a.mov(r9, lane("state"));
  a.add(r9, call("sums"));
  a.mov(r10, lane("means"));
  for (const [vector, from] of vectorsAt(r10).entries()) a.vmovups(means[vector], from);
  a.mov(rdx, call("features"));
  const next = a.fresh("means_of_16");
  a.label(next);
  for (let row = 0; row < LANES; row++) {
    for (const [vector, from] of vectorsAt(r8, row).entries()) {
      a.vmovups(x, from, { mask: TOKENS[vector], zero: true });
      if (vector === 0) a.vmulps(zmm(row), x, means[vector]);
      else a.vfmadd231ps(zmm(row), x, means[vector]);
    }
  }
  mergeLanes(a, (to, one, other) => a.vaddps(to, one, other));
  a.vaddps(zmm(0), zmm(0), at(r9));
  a.vmovupsStore(at(r9), zmm(0));
  a.add(r8, number(LANES * FEATURE_ROW));
  a.add(r9, number(VECTOR));
  a.sub(rdx, number(LANES));
  a.jumpIf("g", next);
}
