import { type Assembler, at, rax, type Zmm, zmm } from "../assembler/index.ts";
import { exp2 } from "../code/exp2.ts";
import { ROW, VECTOR } from "./layout.ts";
import { accumulators, FREE, type Tile, weightsAddress } from "./scores.ts";

/** 2^x of many registers, as many at once as there are registers for. */
export function powers(a: Assembler, all: readonly Zmm[]): void {
  const together = 4;
  for (let first = 0; first < all.length; first += together) {
    exp2(
      a,
      all.slice(first, first + together).map((x, index) => {
        return { x, fraction: zmm(FREE + 2 * index), power: zmm(FREE + 2 * index + 1) };
      }),
    );
  }
}

export function storeWeights(a: Assembler, tile: Tile): void {
  weightsAddress(a, rax);
  for (const { key, vector, x } of accumulators(tile))
    a.vmovupsStore(at(rax, ROW * key + VECTOR * vector), x);
}

/** Weights of max(s, 0). NaN stays NaN. */
export function reluTile(a: Assembler, tile: Tile): void {
  const zero = zmm(FREE);
  a.vpxord(zero, zero, zero);
  for (const { x } of accumulators(tile)) a.vmaxps(x, zero, x);
  storeWeights(a, tile);
}

/** Weights of 1 / (1 + 2^−s). */
export function sigmoidTile(a: Assembler, tile: Tile): void {
  const [zero, one] = [zmm(FREE), zmm(FREE)];
  a.vpxord(zero, zero, zero);
  for (const { x } of accumulators(tile)) a.vsubps(x, zero, x);
  powers(
    a,
    accumulators(tile).map(({ x }) => x),
  );
  a.vbroadcastss(one, a.constant(1));
  for (const { x } of accumulators(tile)) {
    a.vaddps(x, x, one);
    a.vdivps(x, one, x);
  }
  storeWeights(a, tile);
}
