import { type Assembler, at, mask, number, r8, rax, rbp, rdx } from "../assembler/index.ts";
import { addBiases, beginAtZero } from "../pairwise/biases.ts";
import { CALL, LANE, ROW, TILE, VECTOR } from "../pairwise/layout.ts";
import {
  accumulators,
  maskTile,
  multiplyTile,
  scoreTile,
  type Tile,
  type TileProduct,
  weightsAddress,
} from "../pairwise/scores.ts";
import { powers, storeWeights } from "../pairwise/weights.ts";
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
 *     Pᵀ[key][query]  = 2^Sᵀ[key][query]
 *     dSᵀ[key][query] = Pᵀ[key][query] · (Σ_column V[key][column] · Doutᵀ[column][query] + means[query])
 *
 * Pᵀ is what it is before it is multiplied by the row's factor, which Doutᵀ and the means have in them already. Pairs that
 * are not attended are 0 in both, whatever the numbers there are.
 */
export function writeSlopes(a: Assembler, vectors: number): void {
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
    a.note("weights: 2^x");
    powers(
      a,
      accumulators(tile).map(({ x }) => x),
    );
    storeWeights(a, tile);
    a.note("gradients of scores");
    multiplyTile(a, tile, DOUT_VALUES, () => {});
    weightsAddress(a, r8);
    for (const { key, vector, x } of accumulators(tile)) a.vmulps(x, x, at(r8, placeIn(key, vector)));
    ifSet(a, LANE.mask, () => clearUnattended(a, tile));
    for (const { key, vector, x } of accumulators(tile)) {
      a.vmovupsStore(at(r8, FROM_WEIGHTS + placeIn(key, vector)), x);
    }
    a.add(rdx, number(8 * keys));
    if (keys === TILE.keys) a.jump(top);
    a.label(fewer);
  }
}

function placeIn(key: number, vector: number): number {
  return ROW * key + VECTOR * vector;
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
