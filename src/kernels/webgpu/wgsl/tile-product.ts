import { component, each } from "./text.ts";

/**
 * Products of tiles in workgroup memory: 64 rows by some times 64 columns, 16 terms at a time, by 128
 * threads. A thread has 8 rows of 4 columns in each block of 64, in variables that have names: arrays of them
 * would not stay in registers on every driver. Shaders that use these texts have `lid`, the index of the
 * invocation, `tx = lid % 16u` and `ty = lid / 16u`.
 */
export const TILE = { rows: 64, columns: 64, quads: 16, terms: 16, threads: 128, rowsEach: 8 } as const;

/** The operands' memory: `left`, `[term][quad of rows]`, and `right`, `[term][quad of columns]` of so many blocks. */
export function operandsText(blocks: number): string {
  return `var<workgroup> left: array<vec4f, ${TILE.terms * TILE.quads}>;
var<workgroup> right: array<vec4f, ${TILE.terms * TILE.quads * blocks}>;`;
}

/** The name of a sum: that of one of a thread's 8 rows, in a block of columns. */
export function sumOf(name: string, row: number, block = 0): string {
  return `${name}${row}_${block}`;
}

/** Declares sums as zeros. */
export function clearedSums(name: string, blocks = 1): string {
  return each(blocks, (b) => each(TILE.rowsEach, (i) => `var ${sumOf(name, i, b)} = vec4f();`, " "));
}

/** Adds the products of 16 terms. */
export function addedProducts(name: string, blocks = 1): string {
  return eachTerm(blocks, (b, i, a) => {
    const sum = sumOf(name, i, b);
    return `${sum} = fma(vec4f(${a}), b, ${sum});`;
  });
}

/** The same where a row takes a term only if `isTaken`, a condition on its number (0 to 7) and on `term`, says so. */
export function addedWhere(name: string, blocks: number, isTaken: (row: number) => string): string {
  return eachTerm(blocks, (b, i, a) => {
    const sum = sumOf(name, i, b);
    return `${sum} = select(${sum}, fma(vec4f(${a}), b, ${sum}), ${isTaken(i)});`;
  });
}

/** A loop over 16 terms: `b` is the quad of columns, `a` the number of the row. */
function eachTerm(blocks: number, text: (block: number, row: number, a: string) => string): string {
  return `for (var term = 0u; term < ${TILE.terms}u; term++) {
    let a0 = left[term * ${TILE.quads}u + ty * 2u];
    let a1 = left[term * ${TILE.quads}u + ty * 2u + 1u];
${each(
  blocks,
  (b) => `    { let b = right[(term * ${blocks}u + ${b}u) * ${TILE.quads}u + tx];
${each(TILE.rowsEach, (i) => `      ${text(b, i, `a${i >> 2}.${component(i)}`)}`)} }`,
)}
  }`;
}

/**
 * Lays 16 columns of 64 rows into an operand, turned: 64 threads do that, those for which `lid / 64u` is
 * `half`. `load(row, quad)` is the expression of four columns of a row of the tile, `quad` from 0 to 3; it is
 * in a loop, because a driver inlines what it calls, and four copies take four times as long to compile.
 */
export function turnedRows(
  to: "left" | "right",
  half: 0 | 1,
  load: (row: string, quad: string) => string,
): string {
  return `if (lid / 64u == ${half}u) {
    let quad = lid % 4u;
    let rows = (lid % 64u) / 4u;
    var x: array<vec4f, 4>;
    for (var i = 0u; i < 4u; i++) { x[i] = ${load("(rows * 4u + i)", "quad")}; }
${each(4, (i) => {
  const c = component(i);
  return `    ${to}[(quad * 4u + ${i}u) * ${TILE.quads}u + rows] = vec4f(x[0].${c}, x[1].${c}, x[2].${c}, x[3].${c});`;
})}
  }`;
}
