/**
 * One query against columns of a cache, `BLOCK` floats wide, as AssemblyScript source. It is generated for
 * the same reason as the micro-kernel: query and sums must be variables of their own to stay in registers, of
 * which 8 of 256 bits hold 64 floats, and 8 of 128 bits 32.
 *
 * Rows are read one after the other from their start to their end: read side by side, the processor sees no
 * stream, and from memory a step takes half as long again.
 */
export function matrixVectorSource(panelKeys: number): string {
  const floats = 4 * panelKeys;
  const vectors = Array.from({ length: panelKeys }, (_, index) => index);
  return `import { joinSums } from "../softmax";

/** Columns of a block, in bytes. */
export const BLOCK: usize = ${floats * 4};

/** scores[n] = query · key n in the columns of one block, or += where it \`adds\`. May write up to three numbers more. */
export function scoreBlock(query: usize, key: usize, step: usize, count: i32, scores: usize, parts: usize, adds: bool): void {
${vectors.map((vector) => `  const q${vector} = v128.load(query, ${16 * vector});\n`).join("")}  for (let left = count; left > 0; left -= 4) {
    // The last ones again in the place of those that are missing.
    const key1 = left > 1 ? key + step : key;
    const key2 = left > 2 ? key1 + step : key1;
    const key3 = left > 3 ? key2 + step : key2;
${["key", "key1", "key2", "key3"].map((key, row) => rowSums(key, row, vectors)).join("")}    const sums = joinSums(parts);
    v128.store(scores, adds ? f32x4.add(v128.load(scores), sums) : sums);
    scores += 16;
    key = key3 + step;
  }
}

/** out += Σ weights[n] · value n in the columns of one block. */
export function addBlock(weights: usize, value: usize, step: usize, count: i32, out: usize): void {
${vectors.map((vector) => `  let s${vector} = f32x4.splat(0);\n`).join("")}  for (let left = count; left > 0; left--) {
    const weight = v128.load32_splat(weights);
${vectors.map((vector) => `    s${vector} = f32x4.add(s${vector}, f32x4.mul(weight, v128.load(value, ${16 * vector})));\n`).join("")}    value += step;
    weights += 4;
  }
${vectors.map((vector) => `  s${vector} = f32x4.add(v128.load(out, ${16 * vector}), s${vector});\n`).join("")}${vectors.map((vector) => `  v128.store(out, s${vector}, ${16 * vector});\n`).join("")}}
`;
}

/**
 * The products of one row, summed to 8 parts. Both halves come before either is stored: V8 fuses no loads
 * around a store.
 */
export function rowSums(key: string, row: number, vectors: readonly number[]): string {
  const half = (first: number): string => {
    const products = vectors.filter((vector) => vector % 2 === first);
    return sumOf(products.map((vector) => `f32x4.mul(q${vector}, v128.load(${key}, ${16 * vector}))`));
  };
  return `    const even${row} = ${half(0)};
    const odd${row} = ${half(1)};
    v128.store(parts, even${row}, ${32 * row});
    v128.store(parts, odd${row}, ${32 * row + 16});
`;
}

/** Terms summed as a tree, so that no addition waits for more than it must. */
function sumOf(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0];
  const half = terms.length >> 1;
  return `f32x4.add(${sumOf(terms.slice(0, half))}, ${sumOf(terms.slice(half))})`;
}
