import { component, each } from "../wgsl/text.ts";

/** Rows and columns of a tile, and the depth of a chunk: what the tiles of attention are made of. */
const TILE = 64;
const CHUNK = 16;
/** Invocations of a workgroup, and what each computes of the tile. */
const THREADS = 128;
const ROWS = 8;
const COLUMNS = 4;

/** Quads of one operand's chunk, transposed; and chunks that are held, by turns, so that none can stay in registers. */
const QUADS = (TILE / 4) * CHUNK;
const HELD = 2;

/**
 * The product of two tiles, its operands in workgroup memory already: the best that a kernel of such tiles can reach. Takes
 * 16 KiB of workgroup memory, which every device has.
 */
export const TILE_PRODUCTS = {
  label: "tile products",
  groups: { least: 32, most: 8192 },
  /** Operations: a product and a sum for each element of the tile and the chunk. */
  work: 2 * TILE * TILE * CHUNK,
  code: `
@group(0) @binding(0) var<storage, read_write> written: array<f32>;
@group(0) @binding(1) var<uniform> rounds: u32;
var<workgroup> left: array<vec4f, ${HELD * QUADS}>;
var<workgroup> right: array<vec4f, ${HELD * QUADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) thread: u32) {
  for (var at = thread; at < ${HELD * QUADS}u; at += ${THREADS}u) {
    left[at] = vec4f(f32(at) * 1e-4);
    right[at] = vec4f(f32(at) * 1e-5);
  }
  workgroupBarrier();
  let row = (thread / ${TILE / COLUMNS}u) * ${ROWS / 4}u;
  let column = thread % ${TILE / COLUMNS}u;
${each(ROWS, (i) => `  var sum${i} = vec4f();`)}
  for (var round = 0u; round < rounds; round++) {
    let chunk = (round % ${HELD}u) * ${QUADS}u;
    for (var k = 0u; k < ${CHUNK}u; k++) {
      let first = chunk + k * ${TILE / 4}u;
${each(ROWS / 4, (quad) => `      let a${quad} = left[first + row + ${quad}u];`)}
      let b = right[first + column];
${each(ROWS, (i) => `      sum${i} = fma(vec4f(a${i >> 2}.${component(i)}), b, sum${i});`)}
    }
  }
  let sum = ${each(ROWS, (i) => `sum${i}`, " + ")};
  if (sum.x + sum.y + sum.z + sum.w == -1.0) { written[0] = sum.x; }
}`,
} as const;
