import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import {
  type Assembler,
  at,
  beyond,
  COMPARE,
  each,
  type Memory,
  mask,
  number,
  r8,
  rax,
  rbp,
  rdx,
  zmm,
} from "../assembler/index.ts";
import { addBiases, beginAtZero } from "../pairwise/biases.ts";
import { CALL, LANE, ROW, TILE, VECTOR } from "../pairwise/layout.ts";
import {
  accumulators,
  FREE,
  maskTile,
  multiplyTile,
  scoreTile,
  type Tile,
  type TileProduct,
  weightsAddress,
} from "../pairwise/scores.ts";
import { powers, reluTile, storeWeights } from "../pairwise/weights.ts";
import { BACKWARD_LANE } from "./layout.ts";

/** Rows of dout with values. */
const DOUT_VALUES: TileProduct = {
  rows: LANE.valueRows,
  columns: BACKWARD_LANE.dout,
  width: CALL.valueDim,
  begins: BACKWARD_LANE.means,
};

/** How far the gradients of scores are from their weights. */
const FROM_WEIGHTS = BACKWARD_LANE.slopes - LANE.weights;

/**
 * Of each key of the block and each query the weight, once more, and the gradient of the score:
 *
 *     Pᵀ[key][query]  = 2^Sᵀ[key][query], or what else the normaliser makes of scores
 *     dSᵀ[key][query] = P'ᵀ[key][query] · (Σ_column V[key][column] · Doutᵀ[column][query] + means[query])
 *
 * Pᵀ is what it is before it is multiplied by the row's factor, which Doutᵀ and the means have in them already; P' is its
 * derivative, P itself for softmax. Pairs that are not attended are 0 in both, whatever the numbers there are.
 */
export function writeSlopes(a: Assembler, vectors: number, normaliser: NormaliserName): void {
  a.xor(rdx, rdx);
  for (let keys = TILE.keys; keys >= 1; keys /= 2) {
    const tile: Tile = { keys, vectors };
    const [top, fewer] = [a.fresh("tile"), a.fresh("fewer_keys")];
    a.label(top);
    a.lea(rax, at(rdx, 8 * keys));
    a.cmp(rax, at(rbp, LANE.blockEnd));
    a.jumpIf("g", fewer);
    scoreTile(a, tile, () => ifSet(a, LANE.biased, () => beginAtZero(a, tile)));
    ifSet(a, LANE.biased, () => addBiases(a, tile));
    ifSet(a, LANE.mask, () => maskTile(a, tile));
    a.note("weights");
    const { weigh, derive } = NORMALISED[normaliser];
    weigh(a, tile);
    a.note("gradients of scores");
    multiplyTile(a, tile, DOUT_VALUES, () => {});
    weightsAddress(a, r8);
    derive(a, tile);
    ifSet(a, LANE.mask, () => clearUnattended(a, tile));
    for (const { key, vector, x } of accumulators(tile)) a.vmovupsStore(slopeAt(key, vector), x);
    a.add(rdx, number(8 * keys));
    if (keys === TILE.keys) a.jump(top);
    a.label(fewer);
  }
}

/** Turns a tile of scores into weights, which it stores; then what `dout · v` is of each pair into the score's gradient: weights are at r8. */
interface Normalised {
  weigh(a: Assembler, tile: Tile): void;
  derive(a: Assembler, tile: Tile): void;
}

const NORMALISED: Readonly<Record<NormaliserName, Normalised>> = {
  softmax: {
    weigh(a, tile) {
      powers(
        a,
        accumulators(tile).map(({ x }) => x),
      );
      storeWeights(a, tile);
    },
    derive(a, tile) {
      for (const { key, vector, x } of accumulators(tile)) a.vmulps(x, x, weightAt(key, vector));
    },
  },
  relu: {
    weigh: reluTile,
    derive(a, tile) {
      const [zero, weight] = [zmm(FREE), zmm(FREE + 1)];
      const [isOff, isNone] = [mask(1), mask(2)];
      a.vpxord(zero, zero, zero);
      for (const { key, vector, x } of accumulators(tile)) {
        a.vmovups(weight, weightAt(key, vector));
        a.vcmpps(isOff, weight, zero, COMPARE.equalOrdered);
        a.vblendmps(x, x, zero, { mask: isOff });
        a.vcmpps(isNone, weight, weight, COMPARE.unordered);
        a.vmovups(x, weight, { mask: isNone });
      }
    },
  },
  sigmoid: {
    weigh: sigmoidBothWays,
    derive(a, tile) {
      for (const { key, vector, x } of accumulators(tile)) a.vmulps(x, x, slopeAt(key, vector));
    },
  },
};

/**
 * Weights of σ(s) = 1 / (1 + 2^−s), and, where gradients of scores will be, σ(s)·σ(−s). Both are made of 2^−|s|, which
 * neither overflows nor loses digits where a weight is near 1.
 */
function sigmoidBothWays(a: Assembler, tile: Tile): void {
  const [one, zero, larger, score] = [0, 1, 2, 3].map((free) => zmm(FREE + free));
  const isNegative = mask(1);
  const all = accumulators(tile);
  storeWeights(a, tile);
  weightsAddress(a, r8);
  for (const { x } of all) a.vpord(x, x, each(a.words([SIGN])));
  powers(
    a,
    all.map(({ x }) => x),
  );
  a.vbroadcastss(one, a.constant(1));
  a.vpxord(zero, zero, zero);
  for (const { key, vector, x } of all) {
    a.vaddps(larger, x, one);
    a.vdivps(larger, one, larger);
    a.vmulps(x, x, larger);
    a.vmovups(score, weightAt(key, vector));
    a.vcmpps(isNegative, score, zero, COMPARE.lessOrdered);
    a.vblendmps(score, larger, x, { mask: isNegative });
    a.vmovupsStore(weightAt(key, vector), score);
    a.vmulps(x, x, larger);
    a.vmovupsStore(slopeAt(key, vector), x);
  }
}

/** The bit that says that a float is negative. */
const SIGN = 0x8000_0000;

/** A weight of the tile at r8, and the gradient of its score. */
function weightAt(key: number, vector: number): Memory {
  return at(r8, ROW * key + VECTOR * vector);
}

function slopeAt(key: number, vector: number): Memory {
  return beyond(weightAt(key, vector), FROM_WEIGHTS);
}

/** Does `body` if a word of the lane is not 0; it is in rax. */
function ifSet(a: Assembler, word: number, body: () => void): void {
  const not = a.fresh("not_set");
  a.mov(rax, at(rbp, word));
  a.test(rax, rax);
  a.jumpIf("e", not);
  body();
  a.label(not);
}

/** Pairs that are not attended become 0: rax is where the mask of the block's first key is. */
function clearUnattended(a: Assembler, tile: Tile): void {
  a.add(rax, rdx);
  const attended = mask(1);
  for (const { key, vector, x } of accumulators(tile)) {
    a.kmovwLoad(attended, at(rax, 8 * key + 2 * vector));
    a.vmovups(x, x, { mask: attended, zero: true });
  }
}
