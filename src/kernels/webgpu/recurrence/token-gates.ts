import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Storage } from "../gpu/storage.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { numbersText } from "../wgsl/numbers.ts";
import { rowsText } from "../wgsl/rows.ts";
import { GATE_FUNCTIONS } from "./gate-functions.ts";
import { type RecurrencePlan, SIZES_TEXT } from "./plan.ts";

/** Bindings of the gates of tokens; inputs and tables have those of their names. */
export const TOKEN_GATES = {
  sizes: 0,
  q: 1,
  k: 2,
  to: 3,
  fixed: 4,
  g: 5,
  beta: 6,
  dt: 7,
  decay: 8,
  write: 9,
} as const;

/** What is added to the squares of a row that is brought to length 1. */
const UNIT_EPSILON = 1e-6;

/** The names of the inputs and tables that gates of tokens are made of, in addition to q and k. */
export function tokenInputs({
  mechanism,
  channelDecays,
  channelWrites,
}: RecurrencePlan): Array<keyof typeof TOKEN_GATES> {
  const { decay, write, unit } = mechanism;
  const names: Array<keyof typeof TOKEN_GATES> = [];
  if (unit === "both") names.push("q");
  const learned = !channelDecays && "stream" in decay;
  const learnedWrite = write.form === "logistic" && !channelWrites;
  if (unit !== null || (learned && write.form !== "given-step") || learnedWrite) names.push("k");
  if (isFixed(decay)) names.push("fixed");
  if (!channelDecays && decay.form === "given") names.push("g");
  if (learned) names.push("decay");
  if (learnedWrite) names.push("write");
  if (write.form === "given") names.push("beta");
  if (write.form === "given-step") names.push("dt");
  return names;
}

/** Whether a head has one decay for all tokens. */
function isFixed({ form }: Recurrence["decay"]): boolean {
  return form === "retention" || form === "lightning";
}

/** The decays of heads that have one each; float64, rounded once. */
export function fixedDecays({ form }: Recurrence["decay"], heads: number): Float32Array {
  return Float32Array.from({ length: heads }, (_, head) =>
    form === "retention" ? 1 - 2 ** (-5 - head) : Math.exp(-(2 ** ((-8 * (head + 1)) / heads))),
  );
}

/**
 * Four numbers of each token: its decay and its write, 1 where channels have their own, and what its rows of
 * q and k are divided by. A thread takes one token.
 */
export function tokenGatesText(plan: RecurrencePlan, storage: Storage): string {
  const { mechanism, headDim, quads } = plan;
  const { unit } = mechanism;
  const names = tokenInputs(plan);
  const rows = (["q", "k"] as const)
    .filter((name) => names.includes(name))
    .map((name) => rowsText({ name, binding: TOKEN_GATES[name], width: headDim, storage }));
  const numbers = (["g", "beta", "dt", "decay", "write"] as const)
    .filter((name) => names.includes(name))
    .map((name) => numbersText({ name, binding: TOKEN_GATES[name], storage }));
  const fixed = `@group(0) @binding(${TOKEN_GATES.fixed}) var<storage, read> fixed: array<f32>;`;
  return `${SIZES_TEXT}
${GATE_FUNCTIONS}
${[...rows, ...numbers].join("\n")}
${names.includes("fixed") ? fixed : ""}
@group(0) @binding(${TOKEN_GATES.to}) var<storage, read_write> to: array<vec4f>;
${(["decay", "write"] as const)
  .filter((name) => names.includes(name) && names.includes("k"))
  .map((name) => logitText(plan, name))
  .join("\n")}
${(["q", "k"] as const)
  .filter((name) => unit === "both" || (unit !== null && name === "k"))
  .map((name) => lengthText(quads, name))
  .join("\n")}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let row = ${gridIndex("id", "all")} * 64u + lid;
  if (row >= sizes.slices * sizes.length) { return; }
  let head = (row / sizes.length) % sizes.heads;
  ${decayLines(plan)}
  let beta_ = ${writeOf(plan)};
  to[row] = vec4f(alpha, beta_, ${unit === "both" ? "length_q(row)" : "1.0"}, ${unit === null ? "1.0" : "length_k(row)"});
}`;
}

/** Numbers of a row of weights on k: those of steps end in A and b. */
function weightRow({ mechanism, headDim }: RecurrencePlan, name: "decay" | "write"): number {
  return headDim + (name === "decay" && mechanism.decay.form === "softplus" ? 2 : 0);
}

function decayLines(plan: RecurrencePlan): string {
  const { mechanism, channelDecays, headDim } = plan;
  const { decay, write } = mechanism;
  if (channelDecays || decay.form === "none") return "let alpha = 1.0;";
  if (isFixed(decay)) return "let alpha = fixed[head];";
  switch (decay.form) {
    case "given":
      return "let alpha = exp_4(vec4f(number_g(row))).x;";
    case "logistic":
      return "let alpha = exp_4(-softplus_4(vec4f(-logit_decay(row, head))) / 16.0).x;";
    case "softplus": {
      const at = `head * ${weightRow(plan, "decay")}u`;
      const step =
        write.form === "given-step"
          ? "number_dt(row)"
          : `softplus_4(vec4f(logit_decay(row, head) + number_decay(${at} + ${headDim + 1}u))).x`;
      return `let step_ = ${step};
  let alpha = exp_4(vec4f(-number_decay(${at} + ${headDim}u) * step_)).x;`;
    }
    default:
      throw new TypeError(`webgpu: a token has no decay of the form ${decay.form}`);
  }
}

function writeOf({ mechanism, channelWrites }: RecurrencePlan): string {
  const { write } = mechanism;
  if (channelWrites) return "1.0";
  switch (write.form) {
    case "one":
      return "1.0";
    case "step":
      return "step_";
    case "given":
      return "number_beta(row)";
    case "given-step":
      return "number_dt(row)";
    case "logistic":
      return "logistic_4(vec4f(logit_write(row, head))).x";
    default:
      return write satisfies never;
  }
}

/** `logit_decay(row, head)`: a row of weights times a row of k. */
function logitText(plan: RecurrencePlan, name: "decay" | "write"): string {
  const { headDim, quads } = plan;
  const at = `head * ${weightRow(plan, name)}u + channel`;
  return `fn logit_${name}(row: u32, head: u32) -> f32 {
  var sum = 0.0;
  for (var quad = 0u; quad < ${quads}u; quad++) {
    let x = load_k(row, quad);
    for (var i = 0u; i < 4u; i++) {
      let channel = quad * 4u + i;
      if (channel < ${headDim}u) { sum = fma(x[i], number_${name}(${at}), sum); }
    }
  }
  return sum;
}`;
}

function lengthText(quads: number, name: "q" | "k"): string {
  return `fn length_${name}(row: u32) -> f32 {
  var squares = vec4f();
  for (var quad = 0u; quad < ${quads}u; quad++) { let x = load_${name}(row, quad); squares = fma(x, x, squares); }
  return sqrt((squares.x + squares.y) + (squares.z + squares.w) + ${UNIT_EPSILON});
}`;
}
