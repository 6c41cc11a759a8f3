import {
  type Assembler,
  at,
  COMPARE,
  each,
  mask,
  number,
  r8,
  rax,
  rbp,
  rdi,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { exp2 } from "../code/exp2.ts";
import { CALL, LANE, ROW, TASK, VECTOR } from "./layout.ts";
import { accumulator, accumulators, FREE, type Tile, weightsAddress } from "./scores.ts";
import { powers, storeWeights } from "./weights.ts";

/** A score may exceed the row's maximum by so much, in powers of 2, before that is raised: weights up to 256. */
const SLACK = 8;

/** Below every score but −∞: the limit of a row that attends keys and has had no such score. */
const LEAST = -(2 ** 127) * (2 - 2 ** -23);

/**
 * The limit of a row whose maximum was raised and whose scores are being made anew: below all that come out, so that
 * they settle the maximum, and above `LEAST`, since the row has seen a score.
 */
const SCORED_ANEW = -(2 ** 127);

/**
 * A maximum that is settled may fall by what scores are rounded by, and what was weighed before grows by as many
 * powers of 2, but by no more than these: a sum must not become infinite where scores are so large that rounding is
 * all of them.
 */
const MOST_GROWTH = 64;

/**
 * Rows that attend any key of the task in rax are no longer rows that attended nothing, which are 0: if all their scores are
 * −∞ they are NaN.
 */
export function markRows(a: Assembler, vectors: number): void {
  const [limit, attended] = [zmm(0), mask(1)];
  for (let vector = 0; vector < vectors; vector++) {
    const place = at(rbp, LANE.limit + VECTOR * vector);
    a.kmovwLoad(attended, at(rax, TASK.rows + 2 * vector));
    a.vmovups(limit, place);
    a.vmaxps(limit, limit, each(a.constant(LEAST)), { mask: attended });
    a.vmovupsStore(place, limit);
  }
}

/**
 * Turns the scores of a tile, from which the row's maximum is subtracted already, into weights 2^s, and adds them to
 * the row's sum. The maximum is raised only where a score exceeds it by more than the row's limit; that is rare, and
 * `raise` has it done elsewhere.
 */
export function softmaxTile(a: Assembler, tile: Tile, raise: (back: string) => string): void {
  a.note("the greatest score of each query, less its maximum so far");
  for (let vector = 0; vector < tile.vectors; vector++) {
    const most = greatest(vector);
    if (tile.keys === 1) a.vmovups(most, accumulator(tile, 0, vector));
    else a.vmaxps(most, accumulator(tile, 0, vector), accumulator(tile, 1, vector));
    for (let key = 2; key < tile.keys; key++) a.vmaxps(most, most, accumulator(tile, key, vector));
    a.vcmpps(mask(1 + vector), most, at(rbp, LANE.limit + VECTOR * vector), COMPARE.greaterOrdered);
  }
  const any = mask(tile.vectors === 1 ? 1 : 4);
  for (let vector = 1; vector < tile.vectors; vector++) {
    a.korw(any, vector === 1 ? mask(1) : any, mask(1 + vector));
  }
  a.kortestw(any, any);
  const back = a.fresh("raised");
  a.jumpIf("ne", raise(back));
  a.label(back);
  a.note("weights: 2^x");
  powers(
    a,
    accumulators(tile).map(({ x }) => x),
  );
  storeWeights(a, tile);
  addTotals(a, tile);
}

/** The greatest score of each query in a vector, less the maximum so far. */
function greatest(vector: number): Zmm {
  return zmm(FREE + vector);
}

/** Adds the weights of all keys to the sum of each query, by pairs. */
function addTotals(a: Assembler, tile: Tile): void {
  for (let vector = 0; vector < tile.vectors; vector++) {
    let terms = Array.from({ length: tile.keys }, (_, key) => accumulator(tile, key, vector));
    while (terms.length > 1) {
      for (let term = 0; term + 1 < terms.length; term += 2)
        a.vaddps(terms[term], terms[term], terms[term + 1]);
      terms = terms.filter((_, term) => term % 2 === 0);
    }
    const total = at(rbp, LANE.blockTotal + VECTOR * vector);
    a.vaddps(terms[0], terms[0], total);
    a.vmovupsStore(total, terms[0]);
  }
}

/**
 * The rare part: raises the maximum of the rows in masks 1, 2 and 3 by what is in `greatest`, and scales what was
 * weighed before by 2^−rise. If the scores began at 0, the rise is subtracted from them. If they began at a maximum,
 * or met a bias, that is now far from them, they were rounded as numbers of that size are and hold few right digits:
 * the tile is scored anew at the label `anew`, from the raised maximum. Other rows begin where they did and keep
 * their bits, since what they do not see must not show in them: rows that saw no score before are raised the second time, as
 * they would be without the others.
 *
 * A tile is scored anew once, and the greatest score of the second time is subtracted. Very large scores may come out
 * so much lower than the first time that all weights would be 0.
 */
export function raiseMaximum(a: Assembler, tile: Tile, anew: string, rescale: string): void {
  a.note("rare: maxima are raised");
  const [seen, again, known] = [mask(5), mask(6), mask(7)];
  for (let vector = 0; vector < tile.vectors; vector++) {
    const limit = zmm(FREE + 3);
    a.vmovups(limit, at(rbp, LANE.limit + VECTOR * vector));
    for (const [rows, compare, value] of [
      [seen, COMPARE.greaterOrdered, LEAST],
      [again, COMPARE.equalOrdered, SCORED_ANEW],
    ] as const) {
      const to = vector === 0 ? rows : known;
      a.vcmpps(to, limit, each(a.constant(value)), compare, { mask: mask(1 + vector) });
      if (vector > 0) a.korw(rows, rows, known);
    }
  }
  const [far, raise, followed] = ["far", "raise_all", "followed"].map((name) => a.fresh(name));
  const limit = zmm(FREE + 5);
  a.vbroadcastss(limit, a.constant(SLACK));
  a.xor(rsi, rsi);
  a.kortestw(again, again);
  a.jumpIf("ne", raise);
  a.mov(rax, at(rbp, LANE.biased));
  a.test(rax, rax);
  a.jumpIf("ne", far);
  a.kortestw(seen, seen);
  a.jumpIf("e", raise);
  for (let vector = 0; vector < tile.vectors; vector++) {
    a.vmovups(limit, at(rbp, LANE.limit + VECTOR * vector));
    const raised = mask(1 + vector);
    a.vcmpps(raised, limit, each(a.constant(LEAST)), COMPARE.greaterOrdered, { mask: raised });
  }
  a.label(far);
  a.vbroadcastss(limit, a.constant(SCORED_ANEW));
  a.movImmediate(rsi, 1);
  a.label(raise);
  for (let vector = 0; vector < tile.vectors; vector++) {
    const [rise, spare, raised] = [greatest(vector), zmm(FREE + 3), mask(1 + vector)];
    a.vmovups(rise, rise, { mask: raised, zero: true });
    const base = at(rbp, LANE.base + VECTOR * vector);
    a.vmovups(spare, base);
    a.vsubps(spare, spare, rise);
    a.vmovupsStore(base, spare);
    a.vmovupsStore(at(rbp, LANE.limit + VECTOR * vector), limit, { mask: raised });
    for (let key = 0; key < tile.keys; key++) {
      const score = accumulator(tile, key, vector);
      a.vsubps(score, score, rise);
    }
    a.vpxord(spare, spare, spare);
    a.vsubps(rise, spare, rise);
    a.vminps(rise, rise, each(a.constant(MOST_GROWTH)));
  }
  // Rows that saw no key before have nothing that is to follow.
  a.kortestw(seen, seen);
  a.jumpIf("e", followed);
  const one = zmm(FREE + 5);
  a.vbroadcastss(one, a.constant(1));
  for (let vector = 0; vector < tile.vectors; vector++) {
    const factor = greatest(vector);
    exp2(a, [{ x: factor, fraction: zmm(FREE + 3), power: zmm(FREE + 4) }]);
    // Other rows keep their bits: what they do not see must not show in them.
    a.vblendmps(factor, one, factor, { mask: mask(1 + vector) });
  }
  a.call(rescale);
  a.label(followed);
  a.test(rsi, rsi);
  a.jumpIf("ne", anew);
}

/** A subroutine: multiplies all that rows have summed up so far by the factors in `greatest`. rdx stays. */
export function rescaleRows(a: Assembler, label: string, vectors: number): void {
  const product = zmm(FREE + 3);
  const scale = (address: ReturnType<typeof at>, vector: number): void => {
    a.vmulps(product, greatest(vector), address);
    a.vmovupsStore(address, product);
  };
  const rows = (vector: number): number => VECTOR * vector;
  const all = (row: (vector: number) => void): void => {
    for (let vector = 0; vector < vectors; vector++) row(vector);
  };
  a.label(label);
  all((vector) => scale(at(rbp, LANE.total + rows(vector)), vector));
  all((vector) => scale(at(rbp, LANE.blockTotal + rows(vector)), vector));
  const weighed = a.fresh("no_outputs");
  a.mov(rax, at(rbp, LANE.empty));
  a.test(rax, rax);
  a.jumpIf("ne", weighed);
  a.lea(rax, at(rbp, LANE.outputs));
  a.mov(r8, at(rdi, CALL.valueDim));
  const columns = a.fresh("columns");
  a.label(columns);
  all((vector) => scale(at(rax, rows(vector)), vector));
  a.add(rax, number(ROW));
  a.sub(r8, number(1));
  a.jumpIf("ne", columns);
  a.label(weighed);
  weightsAddress(a, r8);
  a.lea(rax, at(rbp, LANE.weights));
  const weights = a.fresh("weights");
  const done = a.fresh("rescaled");
  a.label(weights);
  a.cmp(rax, r8);
  a.jumpIf("ge", done);
  all((vector) => scale(at(rax, rows(vector)), vector));
  a.add(rax, number(ROW));
  a.jump(weights);
  a.label(done);
  a.ret();
}
