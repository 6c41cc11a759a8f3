import type { PseudoInverse } from "../../../mechanisms/summary/declare.ts";
import { gridIndex, gridOf } from "../wgsl/grid.ts";
import { type UniformFields, uniformText, uniformWords } from "../wgsl/uniform.ts";
import { addToUnit } from "./elementwise.ts";
import { type ChainMatrices, type ChainMatrix, copiesOf } from "./matrices.ts";
import { operandFields, operandNumbers, startOf } from "./operands.ts";
import { addProduct } from "./products.ts";

const THREADS = 64;

const CALL = {
  copies: "u32",
  heads: "u32",
  size: "u32",
  ...operandFields("a"),
} as const satisfies UniformFields;

const BINDINGS = { call: 0, a: 1, c: 2 } as const;

/** Steps towards the pseudo-inverse: with P = A·Z, Z ← ¼ Z (13 I − P (15 I − P (7 I − P))). Returns their operations. */
export async function addInverse(matrices: ChainMatrices, step: PseudoInverse): Promise<number> {
  const a = await matrices.named(step.of);
  const made = await matrices.named(step.to);
  const own = (label: string): ChainMatrix => matrices.own(label, a.rows, a.rows, made.heads);
  const [p, inner, other] = [own("product"), own("inner"), own("other")];
  // The last of the iterations makes the inverse where it belongs.
  const ways = step.iterations % 2 === 0 ? [made, own("next")] : [own("next"), made];
  await addStart(matrices, a, ways[0]);
  let flops = 0;
  for (let iteration = 0; iteration < step.iterations; iteration++) {
    const [z, next] = iteration % 2 === 0 ? ways : ways.toReversed();
    const multiply = async (label: string, left: ChainMatrix, b: ChainMatrix, to: ChainMatrix, form = {}) => {
      flops += await addProduct(matrices, { label, a: { matrix: left }, b, to: { matrix: to }, ...form });
    };
    await multiply("matrix by its inverse", a, z, p);
    await addToUnit(matrices, "first rest", p, inner, { diagonal: 7, factor: -1 });
    await multiply("second rest", p, inner, other, { scale: -1, diagonal: 15 });
    await multiply("third rest", p, other, inner, { scale: -1, diagonal: 13 });
    await multiply("next inverse", z, inner, next, { scale: 0.25 });
  }
  return flops;
}

/** Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞), a workgroup for a matrix. */
async function addStart(matrices: ChainMatrices, a: ChainMatrix, to: ChainMatrix): Promise<void> {
  const { builder } = matrices;
  const label = "start of an inverse";
  const copies = copiesOf(to);
  const numbers = { copies, heads: to.heads, size: a.rows, ...operandNumbers("a", { matrix: a }) };
  await builder.dispatch({
    label,
    code: startText(),
    bindings: {
      [BINDINGS.call]: builder.uniform(label, uniformWords(CALL, numbers)),
      [BINDINGS.a]: a.buffer,
      [BINDINGS.c]: to.buffer,
    },
    groups: [...gridOf(copies), 1],
  });
}

function startText(): string {
  return `${uniformText("call", BINDINGS.call, CALL)}
@group(0) @binding(${BINDINGS.a}) var<storage, read> a: array<f32>;
@group(0) @binding(${BINDINGS.c}) var<storage, read_write> c: array<f32>;
var<workgroup> ofRows: array<f32, ${THREADS}>;
var<workgroup> ofColumns: array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let copy = ${gridIndex("id", "all")};
  if (copy >= call.copies) { return; }
  let start = ${startOf("a", "copy")};
  var inRow = 0.0;
  var inColumn = 0.0;
  for (var line = thread; line < call.size; line += ${THREADS}u) {
    var row = 0.0;
    var column = 0.0;
    for (var i = 0u; i < call.size; i++) {
      row += abs(a[start + line * call.size + i]);
      column += abs(a[start + i * call.size + line]);
    }
    inRow = max(inRow, row);
    inColumn = max(inColumn, column);
  }
  ofRows[thread] = inRow;
  ofColumns[thread] = inColumn;
  workgroupBarrier();
  var mostInRow = 0.0;
  var mostInColumn = 0.0;
  for (var i = 0u; i < ${THREADS}u; i++) {
    mostInRow = max(mostInRow, ofRows[i]);
    mostInColumn = max(mostInColumn, ofColumns[i]);
  }
  let factor = 1.0 / (mostInRow * mostInColumn);
  for (var i = thread; i < call.size * call.size; i += ${THREADS}u) {
    c[copy * call.size * call.size + i] = factor * a[start + i % call.size * call.size + i / call.size];
  }
}
`;
}
