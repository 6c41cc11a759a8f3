import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import { quadsOf, THREADS } from "./step-shape.ts";

/** Threads that take the second turn of what all threads agree on. */
const LEADERS = 16;

/** In the place of -infinity, of which shaders know little: beside any score it weighs nothing. */
export const LEAST = "-3.4e38";

/**
 * In WGSL: `largestOf(x, thread)` and `sumOf(x, thread)` over all threads of a workgroup, each component for itself, and
 * `overGroups(x, thread)`, the sum of what those threads have that sum the same columns of values. In the same order every
 * time; all threads must call them.
 */
export function overThreadsText(valueDim: number): string {
  const lanes = quadsOf(valueDim);
  return `var<workgroup> combined: array<vec4f, ${THREADS}>;
${overThreads("largestOf", (x, y) => `max(${x}, ${y})`)}
${overThreads("sumOf", (x, y) => `${x} + ${y}`)}
fn overGroups(x: vec4f, thread: u32) -> vec4f {
  combined[thread] = x;
  workgroupBarrier();
  var all = combined[thread % ${lanes}u];
  for (var group = 1u; group < ${Math.floor(THREADS / lanes)}u; group++) { all += combined[group * ${lanes}u + thread % ${lanes}u]; }
  workgroupBarrier();
  return all;
}`;
}

function overThreads(name: string, of: (x: string, y: string) => string): string {
  return `fn ${name}(x: vec4f, thread: u32) -> vec4f {
  combined[thread] = x;
  workgroupBarrier();
  if (thread < ${LEADERS}u) {
    var own = x;
    for (var i = thread + ${LEADERS}u; i < ${THREADS}u; i += ${LEADERS}u) { own = ${of("own", "combined[i]")}; }
    combined[thread] = own;
  }
  workgroupBarrier();
  var all = combined[0];
  for (var i = 1u; i < ${LEADERS}u; i++) { all = ${of("all", "combined[i]")}; }
  workgroupBarrier();
  return all;
}`;
}

/**
 * In WGSL: `finished(sums, most, total, number, keys)`, the output of a row from the weighted sums of its values, of which `most`
 * is the largest score and `total` the sum of the weights, `number` being that of the row and `keys` how many it has; 0 of a row
 * without keys.
 */
export const FINISHED: Readonly<Record<NormaliserName, string>> = {
  softmax: `fn finished(sums: vec4f, most: f32, total: f32, number: f32, keys: u32) -> vec4f {
  // A sink is one more key, with a value of 0.
  let largest = max(most, number);
  let all = total * exp2_1(most - largest) + select(0.0, exp2_1(number - largest), number > ${LEAST});
  if (total == 0.0) {
    // Scores that are all -infinity leave nothing to divide by, unless there is a sink: NaN.
    return vec4f(bitcast<f32>(select(0u, 0x7fc00000u, keys > 0u && !(number > ${LEAST}))));
  }
  return sums * exp2_1(most - largest) / all;
}`,
  relu: "fn finished(sums: vec4f, most: f32, total: f32, number: f32, keys: u32) -> vec4f { return sums * number; }",
  sigmoid:
    "fn finished(sums: vec4f, most: f32, total: f32, number: f32, keys: u32) -> vec4f { return sums; }",
};
