import { each } from "../wgsl/text.ts";
import { EMPTY, LEAST } from "./normalise.ts";
import type { TileShader } from "./tile-shader.ts";
import { columnsOf, THREAD, TILE_ROWS } from "./tile-size.ts";

const ROWS = THREAD.rows;

/** In WGSL: scores `s` of a tile become weights, in workgroup memory: 0 where a row does not attend a key. */
export function weighingText(shader: TileShader): string {
  return `${shader.normaliser === "softmax" ? softmaxText(shader) : elementwiseText(shader.normaliser)}
      if (isActive) {
${each(4, (c) => storeText(c))}
      }`;
}

/**
 * Of a thread's key `c` the weights of its rows. Where they go is swizzled: keys beside each other lie in other
 * memory banks.
 */
function storeText(c: number): string {
  const name = "xyzw"[c];
  const at = (quad: number) => `(key + ${c}u) * ${TILE_ROWS / 4}u + ((row / 4u + ${quad}u) ^ (quad % 8u))`;
  return each(
    2,
    (half) => `        weights[${at(half)}] = vec4f(${each(4, (i) => `s${4 * half + i}.${name}`, ", ")});`,
  );
}

function wanted(row: number): string {
  return `(vec4u(w${row}) & vec4u(1u, 2u, 4u, 8u)) != vec4u()`;
}

/**
 * `2^(s - most)`, where the running maximum of a row is that of all its tiles so far, from which what was summed
 * is shrunk.
 */
function softmaxText({ size, valueDim }: TileShader): string {
  const { blocks } = columnsOf(valueDim, size);
  const parts = size.keys / 4;
  return `${each(
    ROWS,
    (i) => `      {
        let own = select(vec4f(${EMPTY}), max(s${i}, vec4f(${LEAST})), ${wanted(i)});
        ofThreads[(row + ${i}u) * ${parts + 1}u + quad] = max(max(own.x, own.y), max(own.z, own.w));
      }`,
  )}
      workgroupBarrier();
      if (thread < ${TILE_ROWS}u) {
        var largest = ${EMPTY};
        for (var part = 0u; part < ${parts}u; part++) {
          largest = max(largest, ofThreads[thread * ${parts + 1}u + part]);
        }
        ofRow[thread] = largest;
      }
      workgroupBarrier();
${each(
  ROWS,
  (i) => `      {
        let next = max(most${i}, ofRow[row + ${i}u]);
        let shrink = exp2_1(most${i} - next);
        most${i} = next;
        total${i} *= shrink;
        ${each(blocks, (b) => `out${b}_${i} *= shrink;`, " ")}
        if (isActive) {
          s${i} = select(vec4f(), exp2_4(s${i} - next), ${wanted(i)});
          total${i} += (s${i}.x + s${i}.y) + (s${i}.z + s${i}.w);
        }
      }`,
)}`;
}

/** Weights that depend on no other score. */
function elementwiseText(normaliser: "relu" | "sigmoid"): string {
  if (normaliser === "relu") {
    // By its sign bit, which NaN may have as well: what is below 0 is from -0 to -infinity.
    return `      if (isActive) {
${each(
  ROWS,
  (i) => `        {
          let bits = bitcast<vec4u>(s${i});
          let below = (bits >= vec4u(0x80000000u)) & (bits <= vec4u(0xff800000u));
          s${i} = select(vec4f(), s${i}, (${wanted(i)}) & !below);
        }`,
)}
      }`;
  }
  return `      if (isActive) {
${each(
  ROWS,
  (i) => `        {
          let x = s${i} - numberOf(rowTokens[row + ${i}u]);
          let small = exp2_4(-abs(x));
          s${i} = select(vec4f(), select(small, vec4f(1.0), x >= vec4f()) / (1.0 + small), ${wanted(i)});
        }`,
)}
      }`;
}
