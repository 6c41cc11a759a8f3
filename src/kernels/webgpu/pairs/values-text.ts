import { each } from "../wgsl/text.ts";
import { ofRow } from "./scores-text.ts";
import type { TileShader } from "./tile-shader.ts";
import { columnsOf, THREAD, TILE_ROWS } from "./tile-size.ts";

/**
 * In WGSL: adds the values of a tile by their weights to the output of each row, from workgroup memory, into
 * which they are brought some keys at a time. Where a block of columns is no wider than a square, squares beside
 * each other take other keys of them.
 */
export function valuesText({ size, valueDim }: TileShader): string {
  const { blocks, columns, keys, shares } = columnsOf(valueDim, size);
  const quads = columns / 4;
  const staged = shares * keys;
  const sums = (sum: (block: number, row: number) => string): string =>
    each(
      blocks,
      (b) => `              let b${b} = stage[(own - first) * ${blocks * quads}u + ${b * quads}u + outQuad];
${each(THREAD.rows, (i) => `              out${b}_${i} = ${sum(b, i)};`)}`,
    );
  return `      for (var first = 0u; first < count; first += ${staged}u) {
        workgroupBarrier();
        for (var at = thread; at < ${staged * blocks * quads}u; at += ${size.threads}u) {
          let own = first + at / ${blocks * quads}u;
          var x = vec4f();
          if (own < count) { x = load_v(keyBase + keyTokens[own], call.firstQuad + at % ${blocks * quads}u); }
          stage[at] = x;
          if (masked && any(infinite_or_nan4(x))) { atomicStore(&notFinite, 1u); }
        }
        workgroupBarrier();
        let share = first + ${shares === 1 ? "0u" : `key / 32u * ${keys}u`};
        if (share < hullTo && share + ${keys}u > hullFrom) {
          if (masked && atomicLoad(&notFinite) != 0u) {
            // Weight 0 would spread what is not finite to rows that do not attend it.
${eachKey(
  keys,
  `${each(THREAD.rows, (i) => `              let w${i} = vec4<bool>((attended(mask, row + ${i}u, own) & 1u) != 0u);`)}
${sums((b, i) => `fma(vec4f(${ofRow(i)}), select(vec4f(), b${b}, w${i}), out${b}_${i})`)}`,
)}
          } else {
${eachKey(
  keys,
  sums((b, i) => `fma(vec4f(${ofRow(i)}), b${b}, out${b}_${i})`),
)}
          }
        }
      }`;
}

/** A loop over the keys of a share, four at a time, whose weights are swizzled alike. */
function eachKey(keys: number, text: string): string {
  const rowQuads = TILE_ROWS / 4;
  return `            for (var fours = share; fours < share + ${keys}u; fours += 4u) {
            let swizzle = (fours / 4u) % 8u;
            let at0 = fours * ${rowQuads}u + ((row / 4u) ^ swizzle);
            let at1 = fours * ${rowQuads}u + ((row / 4u + 1u) ^ swizzle);
            for (var c = 0u; c < 4u; c++) {
              let own = fours + c;
              let a0 = weights[at0 + c * ${rowQuads}u];
              let a1 = weights[at1 + c * ${rowQuads}u];
${text}
            }
            }`;
}
