import { component, each } from "../wgsl/text.ts";
import { stagingText } from "./staging.ts";
import type { TileShader } from "./tile-shader.ts";
import { THREAD, TILE_ROWS } from "./tile-size.ts";

/**
 * In WGSL: the scores `s` of a tile, a vec4 for each row of a thread, from queries and keys that are brought into
 * workgroup memory some channels at a time.
 */
export function scoresText({ size, headDim, biased }: TileShader): string {
  const rowQuads = TILE_ROWS / 4;
  const keyQuads = size.keys / 4;
  return `${each(THREAD.rows, (i) => `      var s${i} = vec4f();`)}
      for (var channel = 0u; channel < ${Math.ceil(headDim / 4)}u; channel += ${size.channels / 4}u) {
        workgroupBarrier();
${stagingText(size, headDim)}
        workgroupBarrier();
        if (isActive) {
          for (var fours = 0u; fours < ${size.channels / 4}u; fours++) {
            let at0 = fours * ${4 * rowQuads}u + ((row / 4u) ^ (fours * 2u));
            let at1 = fours * ${4 * rowQuads}u + ((row / 4u + 1u) ^ (fours * 2u));
            let atKeys = ${size.channels * rowQuads}u + fours * ${4 * keyQuads}u + (quad ^ (fours * 2u));
            for (var c = 0u; c < 4u; c++) {
              let a0 = stage[at0 + c * ${rowQuads}u];
              let a1 = stage[at1 + c * ${rowQuads}u];
              let b = stage[atKeys + c * ${keyQuads}u];
${each(THREAD.rows, (i) => `              s${i} = fma(vec4f(${ofRow(i)}), b, s${i});`)}
            }
          }
        }
      }
${biased ? biasesText() : ""}`;
}

/** Of the rows in a0 and a1, one. */
export function ofRow(row: number): string {
  return `a${Math.floor(row / 4)}.${component(row)}`;
}

function biasesText(): string {
  const at = (row: number) => each(4, (c) => `biases[u32(bias${row} + places.${component(c)})]`, ", ");
  return `      if (isActive) {
        let places = vec4i(${each(4, (c) => `keyPlaces[key + ${c}u]`, ", ")});
${each(THREAD.rows, (i) => `        s${i} += vec4f(${at(i)});`)}
      }`;
}
