import { gridIndex } from "../wgsl/grid.ts";
import { component, each } from "../wgsl/text.ts";
import { addedProducts, clearedSums, operandsText, sumOf, TILE, turnedRows } from "../wgsl/tile-product.ts";
import { type UniformFields, uniformText } from "../wgsl/uniform.ts";
import { operandFields, startOf } from "./operands.ts";

/** What product shaders are written for. */
export interface ProductForm {
  /** Whether a, or b, is stored transposed: `[inner, rows]`, `[columns, inner]`. */
  readonly aTransposed: boolean;
  readonly bTransposed: boolean;
  /** Whether a vector is added to every row. */
  readonly biased: boolean;
}

export const PRODUCT_BINDINGS = { call: 0, a: 1, b: 2, c: 3, bias: 4 } as const;

/** `c = scale·a·b + diagonal·I + bias`, or parts of the sums over so many terms each, `[copies, segments, rows, columns]`. */
export const PRODUCT_CALL = {
  copies: "u32",
  heads: "u32",
  rows: "u32",
  columns: "u32",
  inner: "u32",
  segments: "u32",
  terms: "u32",
  scale: "f32",
  diagonal: "f32",
  ...operandFields("a"),
  ...operandFields("b"),
  ...operandFields("c"),
  ...operandFields("bias"),
} as const satisfies UniformFields;

/** Products of matrices of all heads, a workgroup for 64 × 64 numbers of one. */
export function productShader({ aTransposed, bTransposed, biased }: ProductForm): string {
  const B = PRODUCT_BINDINGS;
  const { rows: tileRows, columns: tileColumns, quads, terms, threads } = TILE;
  const direct = (to: "left" | "right", name: "a" | "b", first: string, end: string) =>
    `for (var i = lid; i < ${terms * quads}u; i += ${threads}u) {
      ${to}[i] = quad_${name}(${name}At, term + i / ${quads}u, last, ${first} + (i % ${quads}u) * 4u, ${end});
    }`;
  return `${uniformText("call", B.call, PRODUCT_CALL)}
@group(0) @binding(${B.a}) var<storage, read> a: array<f32>;
@group(0) @binding(${B.b}) var<storage, read> b: array<f32>;
@group(0) @binding(${B.c}) var<storage, read_write> c: array<f32>;
${biased ? `@group(0) @binding(${B.bias}) var<storage, read> bias: array<f32>;` : ""}
${operandsText(1)}
${quadText("a")}
${quadText("b")}
@compute @workgroup_size(${threads})
fn main(
  @builtin(local_invocation_index) lid: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let tx = lid % ${quads}u;
  let ty = lid / ${quads}u;
  let across = (call.columns + ${tileColumns - 1}u) / ${tileColumns}u;
  let tiles = across * ((call.rows + ${tileRows - 1}u) / ${tileRows}u);
  let index = ${gridIndex("id", "all")};
  let tile = index % tiles;
  let segment = (index / tiles) % call.segments;
  let copy = index / tiles / call.segments;
  if (copy >= call.copies) { return; }
  let firstRow = tile / across * ${tileRows}u;
  let firstColumn = tile % across * ${tileColumns}u;
  let aAt = ${startOf("a", "copy")};
  let bAt = ${startOf("b", "copy")};
  let last = min(call.inner, (segment + 1u) * call.terms);
  ${clearedSums("s")}
  for (var term = segment * call.terms; term < last; term += ${terms}u) {
    ${
      aTransposed
        ? direct("left", "a", "firstRow", "call.rows")
        : turnedRows(
            "left",
            0,
            (row, quad) => `quad_a(aAt, firstRow + ${row}, call.rows, term + ${quad} * 4u, last)`,
          )
    }
    ${
      bTransposed
        ? turnedRows(
            "right",
            1,
            (row, quad) => `quad_b(bAt, firstColumn + ${row}, call.columns, term + ${quad} * 4u, last)`,
          )
        : direct("right", "b", "firstColumn", "call.columns")
    }
    workgroupBarrier();
    ${addedProducts("s")}
    workgroupBarrier();
  }
  let whole = call.segments == 1u;
  let cAt = select((copy * call.segments + segment) * call.rows * call.columns, ${startOf("c", "copy")}, whole);
  ${biased ? `let biasAt = ${startOf("bias", "copy")};` : ""}
${each(
  TILE.rowsEach,
  (i) => `  { let row = firstRow + ty * ${TILE.rowsEach}u + ${i}u;
    if (row < call.rows) {
${each(
  4,
  (j) => `      { let column = firstColumn + tx * 4u + ${j}u;
        if (column < call.columns) {
          var x = ${sumOf("s", i)}.${component(j)};
          if (whole) { x = call.scale * x + select(0.0, call.diagonal, row == column)${biased ? " + bias[biasAt + column]" : ""}; }
          c[cAt + row * call.columns + column] = x;
        } }`,
)}
    } }`,
)}
}
`;
}

/** `quad_a(at, row, rows, column, columns)`: four numbers of a row of the matrix that begins there, 0 past its end. */
function quadText(name: "a" | "b"): string {
  return `fn quad_${name}(at: u32, row: u32, rows: u32, column: u32, columns: u32) -> vec4f {
  var x = vec4f();
  if (row < rows) {
    let start = at + row * call.${name}Width + column;
${each(4, (i) => `    if (column + ${i}u < columns) { x.${component(i)} = ${name}[start + ${i}u]; }`)}
  }
  return x;
}`;
}

export const JOIN_THREADS = 64;

/** Adds the parts of products, in the order of their segments: a thread a number. */
export function joinProductsShader(): string {
  const B = PRODUCT_BINDINGS;
  return `${uniformText("call", B.call, PRODUCT_CALL)}
@group(0) @binding(${B.a}) var<storage, read> parts: array<f32>;
@group(0) @binding(${B.c}) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(${JOIN_THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let index = ${gridIndex("id", "all")} * ${JOIN_THREADS}u + thread;
  let size = call.rows * call.columns;
  let copy = index / size;
  if (copy >= call.copies) { return; }
  let own = index % size;
  var sum = 0.0;
  for (var segment = 0u; segment < call.segments; segment++) {
    sum += parts[(copy * call.segments + segment) * size + own];
  }
  let diagonal = select(0.0, call.diagonal, own / call.columns == own % call.columns);
  c[${startOf("c", "copy")} + own] = call.scale * sum + diagonal;
}
`;
}
