import { gridIndex, gridOf } from "../wgsl/grid.ts";
import { EXP, EXP2, NOT_FINITE } from "../wgsl/transcendental.ts";
import { type UniformFields, uniformText, uniformWords } from "../wgsl/uniform.ts";
import { type ChainMatrices, type ChainMatrix, copiesOf } from "./matrices.ts";
import { type Operand, operandFields, operandNumbers, startOf } from "./operands.ts";

const THREADS = 64;

const CALL = {
  copies: "u32",
  heads: "u32",
  rows: "u32",
  columns: "u32",
  scale: "f32",
  ...operandFields("scores"),
  ...operandFields("logs"),
} as const satisfies UniformFields;

const BINDINGS = { call: 0, scores: 1, logs: 2 } as const;

/** What becomes of the first rows of scores: their weights, in their place, or the logarithms of the sums of their powers. */
export interface RowSoftmax {
  readonly label: string;
  readonly scores: ChainMatrix;
  /** What scores are multiplied by; 1 if omitted. */
  readonly scale?: number;
  readonly rows: number;
  readonly weighs?: boolean;
  readonly logs?: Operand;
}

/** Adds it: a workgroup a row. */
export async function addRowSoftmax(matrices: ChainMatrices, softmax: RowSoftmax): Promise<void> {
  const { label, scores, scale = 1, rows, weighs = false, logs } = softmax;
  const copies = copiesOf(scores);
  const { builder } = matrices;
  await builder.dispatch({
    label,
    code: shader(weighs, logs !== undefined),
    bindings: {
      [BINDINGS.call]: builder.uniform(
        label,
        uniformWords(CALL, {
          ...{ copies, heads: scores.heads, rows, columns: scores.columns, scale },
          ...operandNumbers("scores", { matrix: scores }),
          ...operandNumbers("logs", logs ?? { matrix: scores }),
        }),
      ),
      [BINDINGS.scores]: scores.buffer,
      ...(logs !== undefined && { [BINDINGS.logs]: logs.matrix.buffer }),
    },
    groups: [...gridOf(copies * rows), 1],
  });
}

/** Natural powers and logarithms, as the mathematics has them: log-sums are added to other scores. */
function shader(weighs: boolean, logs: boolean): string {
  return `${uniformText("call", BINDINGS.call, CALL)}
@group(0) @binding(${BINDINGS.scores}) var<storage, ${weighs ? "read_write" : "read"}> scores: array<f32>;
${logs ? `@group(0) @binding(${BINDINGS.logs}) var<storage, read_write> logs: array<f32>;` : ""}
${NOT_FINITE}
${EXP2}
${EXP}
${logs ? LOG : ""}
var<workgroup> combined: array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let index = ${gridIndex("id", "all")};
  let copy = index / call.rows;
  if (copy >= call.copies) { return; }
  let row = index % call.rows;
  let start = ${startOf("scores", "copy")} + row * call.scoresWidth;
  var own = -3.4e38;
  for (var column = thread; column < call.columns; column += ${THREADS}u) {
    own = max(own, call.scale * scores[start + column]);
  }
  combined[thread] = own;
  workgroupBarrier();
  var largest = combined[0];
  for (var i = 1u; i < ${THREADS}u; i++) { largest = max(largest, combined[i]); }
  workgroupBarrier();
  var sum = 0.0;
  for (var column = thread; column < call.columns; column += ${THREADS}u) {
    sum += exp_4(vec4f(call.scale * scores[start + column] - largest)).x;
  }
  combined[thread] = sum;
  workgroupBarrier();
  var total = combined[0];
  for (var i = 1u; i < ${THREADS}u; i++) { total += combined[i]; }
${
  weighs
    ? `  for (var column = thread; column < call.columns; column += ${THREADS}u) {
    scores[start + column] = exp_4(vec4f(call.scale * scores[start + column] - largest)).x / total;
  }`
    : ""
}
${logs ? `  if (thread == 0u) { logs[${startOf("logs", "copy")} + row] = largest + natural_log(total); }` : ""}
}
`;
}

/** `natural_log(x)` of a number of at least 1, within 2 roundings: the built-in one may be off by 2^-21. */
const LOG = `fn natural_log(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7f800000u) == 0x7f800000u) { return x; }
  // From the square root of 1/2 to that of 2.
  let exponent = (bits - 0x3f3504f3u) >> 23u;
  let m = bitcast<f32>(bits - (exponent << 23u));
  let s = (m - 1.0) / (m + 1.0);
  let z = s * s;
  var p = fma(z, 0.22222222, 0.28571429);
  p = fma(z, p, 0.4);
  p = fma(z, p, 0.66666667);
  let low = fma(s * z, p, 2.0 * s);
  let whole = f32(exponent);
  return fma(whole, 0.693359375, fma(whole, -2.12194440e-4, low));
}`;
