import { gridIndex, gridOf } from "../wgsl/grid.ts";
import { type UniformFields, uniformText, uniformWords } from "../wgsl/uniform.ts";
import { type ChainMatrices, type ChainMatrix, copiesOf } from "./matrices.ts";
import { operandFields, operandNumbers, startOf } from "./operands.ts";

const THREADS = 64;
/** Rows that are summed by themselves, so that long segments lose nothing. */
const ROWS = 32;

const CALL = {
  copies: "u32",
  heads: "u32",
  rows: "u32",
  columns: "u32",
  ...operandFields("a"),
} as const satisfies UniformFields;

const BINDINGS = { call: 0, a: 1, edges: 2, c: 3 } as const;

/** Means of segments of rows, whose edges these are: a thread a number. */
export async function addMeans(
  matrices: ChainMatrices,
  label: string,
  a: ChainMatrix,
  edges: readonly number[],
  to: ChainMatrix,
): Promise<void> {
  const { builder } = matrices;
  const copies = copiesOf(to);
  const { heads, rows, columns } = to;
  const numbers = { copies, heads, rows, columns, ...operandNumbers("a", { matrix: a }) };
  await builder.dispatch({
    label,
    code: shader(),
    bindings: {
      [BINDINGS.call]: builder.uniform(label, uniformWords(CALL, numbers)),
      [BINDINGS.a]: a.buffer,
      [BINDINGS.edges]: builder.constant("edges of segments", Uint32Array.from(edges)),
      [BINDINGS.c]: to.buffer,
    },
    groups: [...gridOf(Math.ceil((copies * rows * columns) / THREADS)), 1],
  });
}

function shader(): string {
  return `${uniformText("call", BINDINGS.call, CALL)}
@group(0) @binding(${BINDINGS.a}) var<storage, read> a: array<f32>;
@group(0) @binding(${BINDINGS.edges}) var<storage, read> edges: array<u32>;
@group(0) @binding(${BINDINGS.c}) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let index = ${gridIndex("id", "all")} * ${THREADS}u + thread;
  let copy = index / (call.rows * call.columns);
  if (copy >= call.copies) { return; }
  let segment = index / call.columns % call.rows;
  let start = ${startOf("a", "copy")} + index % call.columns;
  let end = edges[segment + 1u];
  var sum = 0.0;
  for (var first = edges[segment]; first < end; first += ${ROWS}u) {
    var own = 0.0;
    for (var row = first; row < min(first + ${ROWS}u, end); row++) { own += a[start + row * call.columns]; }
    sum += own;
  }
  c[index] = sum / f32(end - edges[segment]);
}
`;
}
