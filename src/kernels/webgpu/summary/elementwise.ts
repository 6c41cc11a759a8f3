import { gridIndex, gridOf } from "../wgsl/grid.ts";
import { type UniformFields, uniformText, uniformWords } from "../wgsl/uniform.ts";
import { type ChainMatrices, type ChainMatrix, copiesOf } from "./matrices.ts";
import { operandFields, operandNumbers, startOf } from "./operands.ts";

const THREADS = 64;

const CALL = {
  copies: "u32",
  heads: "u32",
  rows: "u32",
  columns: "u32",
  factor: "f32",
  other: "f32",
  diagonal: "f32",
  inner: "u32",
  ...operandFields("a"),
  ...operandFields("b"),
} as const satisfies UniformFields;

const BINDINGS = { call: 0, a: 1, b: 2, c: 3 } as const;

/** Numbers of a matrix that are made one by one, of those of one or two others. */
interface Elementwise {
  readonly label: string;
  /** In WGSL: the number at `row` and `column` of a copy's matrix, where those of `a` and `b` begin at `aAt` and `bAt`. */
  readonly body: string;
  readonly a: ChainMatrix;
  readonly b?: ChainMatrix;
  readonly to: ChainMatrix;
  readonly factor?: number;
  readonly other?: number;
  readonly diagonal?: number;
  readonly inner?: number;
}

/** Adds it: a thread a number. */
async function addElementwise(matrices: ChainMatrices, one: Elementwise): Promise<void> {
  const { label, body, a, b, to, factor = 1, other = 1, diagonal = 0, inner = 0 } = one;
  const { builder } = matrices;
  const copies = copiesOf(to);
  const { heads, rows, columns } = to;
  await builder.dispatch({
    label,
    code: `${uniformText("call", BINDINGS.call, CALL)}
@group(0) @binding(${BINDINGS.a}) var<storage, read> a: array<f32>;
${b === undefined ? "" : `@group(0) @binding(${BINDINGS.b}) var<storage, read> b: array<f32>;`}
@group(0) @binding(${BINDINGS.c}) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let index = ${gridIndex("id", "all")} * ${THREADS}u + thread;
  let size = call.rows * call.columns;
  let copy = index / size;
  if (copy >= call.copies) { return; }
  let row = index % size / call.columns;
  let column = index % call.columns;
  let aAt = ${startOf("a", "copy")};
  ${b === undefined ? "" : `let bAt = ${startOf("b", "copy")};`}
  ${body}
}
`,
    bindings: {
      [BINDINGS.call]: builder.uniform(
        label,
        uniformWords(CALL, {
          ...{ copies, heads, rows, columns, factor, other, diagonal, inner },
          ...operandNumbers("a", { matrix: a }),
          ...operandNumbers("b", { matrix: b ?? a }),
        }),
      ),
      [BINDINGS.a]: a.buffer,
      ...(b !== undefined && { [BINDINGS.b]: b.buffer }),
      [BINDINGS.c]: to.buffer,
    },
    groups: [...gridOf(Math.ceil((copies * rows * columns) / THREADS)), 1],
  });
}

/** `to = a + other·b`. */
export async function addSum(
  matrices: ChainMatrices,
  label: string,
  [a, b]: readonly [ChainMatrix, ChainMatrix],
  to: ChainMatrix,
  other = 1,
): Promise<void> {
  const at = "row * call.columns + column";
  const body = `c[index] = a[aAt + ${at}] + call.other * b[bAt + ${at}];`;
  await addElementwise(matrices, { label, body, a, b, to, other });
}

/** `to = diagonal·I + factor·a`. */
export async function addToUnit(
  matrices: ChainMatrices,
  label: string,
  a: ChainMatrix,
  to: ChainMatrix,
  { diagonal, factor }: { readonly diagonal: number; readonly factor: number },
): Promise<void> {
  const body =
    "c[index] = call.factor * a[aAt + row * call.columns + column] + select(0.0, call.diagonal, row == column);";
  await addElementwise(matrices, { label, body, a, to, diagonal, factor });
}

/** `to = aᵀ`. */
export async function addTransposed(
  matrices: ChainMatrices,
  label: string,
  a: ChainMatrix,
  to: ChainMatrix,
): Promise<void> {
  await addElementwise(matrices, { label, body: "c[index] = a[aAt + column * call.aWidth + row];", a, to });
}

/** A copy of each head, where heads share one. */
export async function addCopies(
  matrices: ChainMatrices,
  label: string,
  a: ChainMatrix,
  to: ChainMatrix,
): Promise<void> {
  await addElementwise(matrices, { label, body: "c[index] = a[aAt + row * call.columns + column];", a, to });
}

/** `factor·|x|²/2` of each row. */
export async function addHalfSquares(
  matrices: ChainMatrices,
  label: string,
  a: ChainMatrix,
  to: ChainMatrix,
  factor: number,
): Promise<void> {
  const body = `var sum = 0.0;
  for (var i = 0u; i < call.inner; i++) {
    let x = a[aAt + row * call.aWidth + i];
    sum = fma(x, x, sum);
  }
  c[index] = 0.5 * call.factor * sum;`;
  await addElementwise(matrices, { label, body, a, to, factor, inner: a.columns });
}

/** `of + taps ∗ values`: see `Convolve`. Taps of a head are a row. */
export async function addConvolution(
  matrices: ChainMatrices,
  label: string,
  { of, values, taps, to }: Readonly<Record<"of" | "values" | "taps" | "to", ChainMatrix>>,
): Promise<void> {
  const convolved = matrices.own(label, to.rows, to.columns, to.heads);
  const body = `var sum = 0.0;
  for (var tap = 0u; tap < call.bWidth; tap++) {
    // The last row stands at the last of the values.
    let token = i32(row + call.inner + tap) - i32(call.rows + call.bWidth / 2u);
    if (token >= 0 && token < i32(call.inner)) {
      sum = fma(b[bAt + tap], a[aAt + u32(token) * call.columns + column], sum);
    }
  }
  c[index] = sum;`;
  await addElementwise(matrices, { label, body, a: values, b: taps, to: convolved, inner: values.rows });
  await addSum(matrices, `${label}, added`, [of, convolved], to);
}
