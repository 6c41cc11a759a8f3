import { elementCount } from "../../../src/core/shape.ts";
import { Abilities, type Ability } from "../../../src/kernels/by-kind.ts";
import type { Runnable } from "../../../src/kernels/kernel.ts";
import { buildCall } from "../../../src/kernels/webgpu/gpu/call-builder.ts";
import type { Means } from "../../../src/kernels/webgpu/means.ts";
import { gridIndex, gridOf } from "../../../src/kernels/webgpu/wgsl/grid.ts";
import {
  isSoftmaxPattern,
  type SoftmaxPattern,
  scaleOf,
} from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../../src/pattern/bind.ts";

/** Invocations of a workgroup. */
const THREADS = 32;

/**
 * Attention over patterns with nothing for speed: an invocation for each number of the output, which sums over the row's keys
 * twice. What is tested with it is the ground on which kernels stand, and not a kernel.
 */
const tinySoftmax: Ability<SoftmaxPattern, Means, Promise<Runnable>> = {
  is: isSoftmaxPattern,
  async prepare(problem, { device, output }) {
    const { mechanism, shape } = problem;
    const { batch, heads, length, headDim: width } = shape;
    const attended = bindHeads(mechanism, problem).map((pattern) =>
      Array.from({ length }, (_, row) => keysOf(pattern.intervals(row))),
    );
    const rows = Array.from(
      { length: batch * heads * length },
      (_, row) => attended[Math.floor(row / length) % heads][row % length],
    );
    const starts = [0];
    for (const keys of rows) starts.push(starts[starts.length - 1] + keys.length);
    return await buildCall(device, problem, output, async (builder) => {
      const count = elementCount(shape, "output");
      await builder.dispatch({
        label: "tiny softmax",
        code: textOf(length, width, scaleOf(mechanism, width), count),
        bindings: {
          0: builder.input("q"),
          1: builder.input("k"),
          2: builder.input("v"),
          3: builder.output,
          4: builder.constant("starts", Uint32Array.from(starts)),
          5: builder.constant("keys", Uint32Array.from([...rows.flat(), 0])),
        },
        groups: [...gridOf(Math.ceil(count / THREADS)), 1],
      });
      return { executedFlops: null, bytes: null };
    });
  },
};

/** What a family can do that can do this alone. */
export const tinyAbilities: Abilities<Means, Promise<Runnable>> = new Abilities<Means, Promise<Runnable>>([
  tinySoftmax,
]);

function keysOf(intervals: ArrayLike<number>): number[] {
  const keys: number[] = [];
  for (let at = 0; at < intervals.length; at += 2) {
    for (let key = intervals[at]; key < intervals[at + 1]; key++) keys.push(key);
  }
  return keys;
}

function textOf(length: number, width: number, scale: number, count: number): string {
  return `
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read> keys: array<u32>;

fn score(row: u32, key: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < ${width}u; i++) { sum += q[row * ${width}u + i] * k[key * ${width}u + i]; }
  return sum * ${scale};
}

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let at = ${gridIndex("id", "all")} * ${THREADS}u + thread;
  if (at >= ${count}u) { return; }
  let row = at / ${width}u;
  let first = (row / ${length}u) * ${length}u;
  var most = -3.4e38;
  for (var i = starts[row]; i < starts[row + 1u]; i++) { most = max(most, score(row, first + keys[i])); }
  var weights = 0.0;
  var sum = 0.0;
  for (var i = starts[row]; i < starts[row + 1u]; i++) {
    let key = first + keys[i];
    let weight = exp(score(row, key) - most);
    weights += weight;
    sum += weight * v[key * ${width}u + at % ${width}u];
  }
  output[at] = select(0.0, sum / weights, starts[row + 1u] > starts[row]);
}`;
}
