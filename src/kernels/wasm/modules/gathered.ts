import { rowSums } from "./matrix-vector.ts";

/**
 * One query against rows of keys and values that a list names, `BLOCK` floats of them at a time, as
 * AssemblyScript source: what `matrix-vector.ts` generates for rows at an even pace.
 */
export function gatheredSource(panelKeys: number): string {
  const vectors = Array.from({ length: panelKeys }, (_, index) => index);
  return `import { joinSums } from "../softmax";

/** Where row \`list[n]\` of those at \`rows\` begins, \`rowBytes\` bytes each. */
@inline
function rowOf(rows: usize, rowBytes: usize, list: usize, n: usize): usize { return rows + <usize>load<u32>(list + (n << 2)) * rowBytes; }

/** scores[n] = query · row \`list[n]\` in the columns of one block, or += where it \`adds\`. May write up to three numbers more. */
export function scoreGathered(query: usize, rows: usize, rowBytes: usize, list: usize, count: i32, scores: usize, parts: usize, adds: bool): void {
${vectors.map((vector) => `  const q${vector} = v128.load(query, ${16 * vector});\n`).join("")}  for (let left = count; left > 0; left -= 4) {
    // The last ones again in the place of those that are missing.
    const key = rowOf(rows, rowBytes, list, 0);
    const key1 = left > 1 ? rowOf(rows, rowBytes, list, 1) : key;
    const key2 = left > 2 ? rowOf(rows, rowBytes, list, 2) : key1;
    const key3 = left > 3 ? rowOf(rows, rowBytes, list, 3) : key2;
${["key", "key1", "key2", "key3"].map((key, row) => rowSums(key, row, vectors)).join("")}    const sums = joinSums(parts);
    v128.store(scores, adds ? f32x4.add(v128.load(scores), sums) : sums);
    scores += 16;
    list += 16;
  }
}

/** out = Σ weights[n] · row \`list[n]\` in the columns of one block, or += where it \`adds\`. */
export function addGathered(weights: usize, rows: usize, rowBytes: usize, list: usize, count: i32, out: usize, adds: bool): void {
${vectors.map((vector) => `  let s${vector} = f32x4.splat(0);\n`).join("")}  for (let left = count; left > 0; left--) {
    const weight = v128.load32_splat(weights);
    const value = rowOf(rows, rowBytes, list, 0);
${vectors.map((vector) => `    s${vector} = f32x4.add(s${vector}, f32x4.mul(weight, v128.load(value, ${16 * vector})));\n`).join("")}    list += 4;
    weights += 4;
  }
  if (adds) {
${vectors.map((vector) => `    s${vector} = f32x4.add(v128.load(out, ${16 * vector}), s${vector});\n`).join("")}  }
${vectors.map((vector) => `  v128.store(out, s${vector}, ${16 * vector});\n`).join("")}}
`;
}
