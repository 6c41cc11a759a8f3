import type { Storage } from "../gpu/storage.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { component, each } from "../wgsl/text.ts";
import { addedProducts, clearedSums, operandsText, sumOf, TILE, turnedRows } from "../wgsl/tile-product.ts";
import { EXP, EXP2, NOT_FINITE, TURN } from "../wgsl/transcendental.ts";
import { NOTHING } from "./exponents.ts";
import type { MapPlan, Preparation } from "./plan.ts";

/** Bindings of what is made of whole rows. */
export const PREPARE = { sizes: 0, rows: 1, learned: 2, to: 3 } as const;

/** Rows of k, or of q. */
export type Side = "q" | "k";

/** What the shaders are told: rows of a head, heads of the tensor and of what the layer learned, and all rows. */
export function preparedSizes(rows: number, heads: number, kvHeads: number, slices: number): ArrayBuffer {
  return Uint32Array.from([rows, heads, kvHeads, slices]).buffer;
}

const SIZES = `
struct Sizes { rows: u32, heads: u32, kvHeads: u32, slices: u32 }
@group(0) @binding(${PREPARE.sizes}) var<uniform> sizes: Sizes;`;

/** What is added to the squares of a row that is brought to length 1. */
const UNIT_EPSILON = 1e-6;

/**
 * `softmax(x)` and `softmax(-x)` over the channels of a row, one after the other, each filled up with 0 to
 * whole fours: a thread a row.
 */
export function softmaxesText(plan: MapPlan, headDim: number, storage: Storage): string {
  const fours = plan.quads / 2;
  const masked = (x: string) =>
    headDim % 4 === 0
      ? x
      : `select(vec4f(-3.4e38), ${x}, (vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u)) < vec4u(${headDim}u))`;
  return `${SIZES}
${NOT_FINITE}
${EXP2}
${EXP}
${rowsText({ name: "source", binding: PREPARE.rows, width: headDim, storage })}
${rowsText({ name: "to", binding: PREPARE.to, width: plan.width, storage: "float32", access: "read_write" })}
fn write_half(row: u32, sign: f32, at: u32) {
  var most4 = vec4f(-3.4e38);
  for (var quad = 0u; quad < ${fours}u; quad++) { most4 = max(most4, ${masked("sign * load_source(row, quad)")}); }
  let most = max(max(most4.x, most4.y), max(most4.z, most4.w));
  var sums = vec4f();
  for (var quad = 0u; quad < ${fours}u; quad++) {
    let weights = exp_4(${masked("sign * load_source(row, quad)")} - most);
    sums += weights;
    store_to(row, at + quad, weights);
  }
  let sum = (sums.x + sums.y) + (sums.z + sums.w);
  for (var quad = 0u; quad < ${fours}u; quad++) { store_to(row, at + quad, load_to(row, at + quad) / sum); }
}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let row = ${gridIndex("id", "all")} * 64u + lid;
  if (row >= sizes.slices * sizes.rows) { return; }
  write_half(row, 1.0, 0u);
  write_half(row, -1.0, ${fours}u);
}`;
}

/** Products of 64 rows with 64 of those that the layer learned, and what is made of them. */
export function productsText(
  plan: MapPlan,
  { form, rows: learnedRows }: Exclude<Preparation, { form: "softmaxes" }>,
  side: Side,
  headDim: number,
  storage: Storage,
): string {
  const fours = Math.ceil(headDim / 4);
  const squares = form === "circles" || (form === "exponents" && side === "k");
  const learnedQuads = Math.ceil(learnedRows / 4);
  return `${SIZES}
${form === "circles" ? `${NOT_FINITE}\n${TURN}` : ""}
${rowsText({ name: "source", binding: PREPARE.rows, width: headDim, storage })}
${rowsText({ name: "learned", binding: PREPARE.learned, width: headDim, storage })}
${rowsText({ name: "to", binding: PREPARE.to, width: plan.width, storage: "float32", access: "read_write" })}
${operandsText(1)}
@compute @workgroup_size(${TILE.threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let tx = lid % 16u;
  let ty = lid / 16u;
  let group = ${gridIndex("id", "all")};
  let tiles = (sizes.rows + 63u) / 64u;
  let columns = group % ${Math.ceil(learnedRows / 64)}u;
  let tile = (group / ${Math.ceil(learnedRows / 64)}u) % tiles;
  let slice = group / (${Math.ceil(learnedRows / 64)}u * tiles);
  if (slice >= sizes.slices) { return; }
  let count = min(64u, sizes.rows - tile * 64u);
  let base = slice * sizes.rows + tile * 64u;
  let head = (slice % sizes.heads) * sizes.kvHeads / sizes.heads;
  let learnedBase = head * ${learnedRows}u + columns * 64u;
  let learnedCount = min(64u, ${learnedRows}u - columns * 64u);
  ${clearedSums("s")}
${squares ? "  var squares0 = vec4f();\n  var squares1 = vec4f();" : ""}
  for (var c = 0u; c < ${fours}u; c += 4u) {
    workgroupBarrier();
    ${turnedRows("left", 0, (row, quad) => `source_or_0(base, ${row}, count, c + ${quad})`)}
    ${turnedRows("right", 1, (row, quad) => `learned_or_0(learnedBase, ${row}, learnedCount, c + ${quad})`)}
    workgroupBarrier();
    ${addedProducts("s")}
${squares ? addedSquares : ""}
  }
  let quad = columns * 16u + tx;
  if (quad >= ${learnedQuads}u) { return; }
  let there = (vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u)) < vec4u(${learnedRows}u);
${each(
  TILE.rowsEach,
  (i) => `  if (ty * 8u + ${i}u < count) {
    ${written(plan, form, side, sumOf("s", i), `squares${i >> 2}.${component(i)}`, `base + ty * 8u + ${i}u`)}
  }`,
)}
}
fn source_or_0(base: u32, row: u32, count: u32, quad: u32) -> vec4f {
  if (row >= count) { return vec4f(); }
  return load_source(base + row, quad);
}
fn learned_or_0(base: u32, row: u32, count: u32, quad: u32) -> vec4f {
  if (row >= count) { return vec4f(); }
  return load_learned(base + row, quad);
}`;
}

const addedSquares = `    for (var term = 0u; term < ${TILE.terms}u; term++) {
      let a0 = left[term * ${TILE.quads}u + ty * 2u];
      let a1 = left[term * ${TILE.quads}u + ty * 2u + 1u];
      squares0 = fma(a0, a0, squares0);
      squares1 = fma(a1, a1, squares1);
    }`;

/** What becomes of four products of a row, and where it goes. */
function written(
  { factor }: MapPlan,
  form: "exponents" | "circles" | "projected",
  side: Side,
  sum: string,
  squares: string,
  row: string,
): string {
  switch (form) {
    case "projected":
      return `store_to(${row}, quad, ${sum} * ${factor});`;
    case "circles":
      return `let angle = turn_4(${sum} / sqrt(${squares} + ${UNIT_EPSILON}));
    store_to(${row}, 2u * quad, select(vec4f(), angle.sine * ${factor}, there));
    store_to(${row}, 2u * quad + 1u, select(vec4f(), angle.cosine * ${factor}, there));`;
    case "exponents": {
      const scaled = `${sum} * ${Math.LOG2E * factor}`;
      // Beyond the last feature queries give no weight.
      return side === "q"
        ? `store_to(${row}, quad, select(vec4f(${NOTHING}.0), ${scaled}, there));`
        : `store_to(${row}, quad, ${scaled} - ${squares} * ${(Math.LOG2E * factor ** 2) / 2});`;
    }
    default:
      return form satisfies never;
  }
}
