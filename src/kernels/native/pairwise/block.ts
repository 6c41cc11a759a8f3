import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import { type Assembler, at, number, rax, rbp, rdx, zmm } from "../assembler/index.ts";
import { addBiases, beginAtZero } from "./biases.ts";
import { LANE, TILE } from "./layout.ts";
import { maskTile, scoreTile, type Tile } from "./scores.ts";
import { raiseMaximum, softmaxTile } from "./softmax.ts";
import { reluTile, sigmoidTile } from "./weights.ts";

/** Weights of the block, by tiles of 8 keys, and of 4, 2 and 1 at its end. */
export function writeWeights(
  a: Assembler,
  vectors: number,
  normaliser: NormaliserName,
  rescale: string,
): void {
  const elsewhere: (() => void)[] = [];
  /** Has `write` done elsewhere and comes back, if scores have biases; how they are looked up is in rax. */
  const ifBiased = (write: () => void): void => {
    const [biased, back] = ["biased", "unbiased"].map((name) => a.fresh(name));
    a.mov(rax, at(rbp, LANE.biased));
    a.test(rax, rax);
    a.jumpIf("ne", biased);
    a.label(back);
    elsewhere.push(() => {
      a.label(biased);
      write();
      a.jump(back);
    });
  };
  a.vpxord(zmm(0), zmm(0), zmm(0));
  for (let vector = 0; vector < vectors; vector++)
    a.vmovupsStore(at(rbp, LANE.blockTotal + 64 * vector), zmm(0));
  a.xor(rdx, rdx);
  const [done, over] = [a.fresh("weighed"), a.fresh("after_rare")];
  for (let keys = TILE.keys; keys >= 1; keys /= 2) {
    const tile: Tile = { keys, vectors };
    const [top, fewer] = [a.fresh("tile"), a.fresh("fewer_keys")];
    a.label(top);
    a.lea(rax, at(rdx, 8 * keys));
    a.cmp(rax, at(rbp, LANE.blockEnd));
    a.jumpIf("g", fewer);
    scoreTile(a, tile, () => ifBiased(() => beginAtZero(a, tile)));
    ifBiased(() => addBiases(a, tile));
    const unmasked = a.fresh("unmasked");
    a.mov(rax, at(rbp, LANE.mask));
    a.test(rax, rax);
    a.jumpIf("e", unmasked);
    maskTile(a, tile);
    a.label(unmasked);
    if (normaliser === "softmax") {
      softmaxTile(a, tile, (back) => {
        const raise = a.fresh("raise");
        elsewhere.push(() => {
          a.label(raise);
          raiseMaximum(a, tile, top, rescale);
          a.jump(back);
        });
        return raise;
      });
    } else if (normaliser === "relu") reluTile(a, tile);
    else sigmoidTile(a, tile);
    a.add(rdx, number(8 * keys));
    if (keys === TILE.keys) a.jump(top);
    a.label(fewer);
  }
  a.label(done);
  a.jump(over);
  for (const write of elsewhere) write();
  a.label(over);
}
