import { component, each } from "../wgsl/text.ts";
import { TILE_ROWS, type TileSize } from "./tile-size.ts";

/**
 * In WGSL: threads bring channels of queries and keys into `stage`, transposed: of each channel the numbers of
 * all rows, and then those of all keys. A thread has a block of 4 × 4, and threads beside each other have
 * channels of the same rows, which lie side by side in memory; where they put them is swizzled, so that they meet
 * in no memory bank.
 */
export function stagingText({ keys, channels, threads }: TileSize, headDim: number): string {
  const quads = channels / 4;
  const ofRows = (TILE_ROWS / 4) * quads;
  const ofKeys = (keys / 4) * quads;
  if (ofRows + ofKeys > threads)
    throw new RangeError(`webgpu: ${threads} threads stage ${ofRows + ofKeys} blocks`);
  return `        {
          let isKeys = thread >= ${ofRows}u;
          let block = select(thread, thread - ${ofRows}u, isKeys);
          let own = block / ${quads}u;
          let dim = block % ${quads}u;
${each(4, (i) => `          var x${i} = vec4f();`)}
          if (channel + dim < ${Math.ceil(headDim / 4)}u) {
            if (isKeys) {
${each(4, (i) => loading(i, "count", "load_k(keyBase + keyTokens", ""))}
            } else {
${each(4, (i) => loading(i, "rows", "load_q(rowBase + rowTokens", " * call.factor"))}
            }
          }
          let width = select(${TILE_ROWS / 4}u, ${keys / 4}u, isKeys);
          let to = select(0u, ${(channels * TILE_ROWS) / 4}u, isKeys) + dim * 4u * width + (own ^ (dim * 2u));
          if (thread < ${ofRows + ofKeys}u) {
${each(4, (c) => `            stage[to + ${c}u * width] = vec4f(${each(4, (i) => `x${i}.${component(c)}`, ", ")});`)}
          }
        }`;
}

/** One of four rows of a block, of those that there are. */
function loading(i: number, count: string, load: string, times: string): string {
  const at = `own * 4u + ${i}u`;
  return `              if (${at} < ${count}) { x${i} = ${load}[${at}], channel + dim)${times}; }`;
}
