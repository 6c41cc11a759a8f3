import { featuresText, mapGround } from "../feature-map/maps.ts";
import type { MapPlan } from "../feature-map/plan.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { quadsOf, THREADS } from "./step-shape.ts";
import { overThreadsText } from "./sum-text.ts";

export const FEATURE_BINDINGS = { words: 0, k: 1, v: 2, q: 3, state: 4, outputs: 5, table: 6 } as const;

/** The words of tokens that are taken in; `readers` is 0 where no output is made. */
export const FEATURE_WORDS = { first: 0, count: 1, slices: 2, readers: 3, epsilon: 4, words: 5 } as const;

/** What the shader is written for. */
export interface FeatureSteps {
  readonly map: MapPlan;
  readonly headDim: number;
  readonly valueDim: number;
}

/** Quads of a row of the state: the columns of the values, and one for the sum of the keys' features. */
export function stateQuads(valueDim: number): number {
  return quadsOf(valueDim + 1);
}

/**
 * Tokens `[slices, count, width]` go into the states `[slices, features, valueDim + 1]`, one after the other, and what the
 * queries of the last one read is the output: a workgroup for a head of k and v, whose readers take turns. A thread has four
 * columns of every so many features.
 */
export function featureShader({ map, headDim, valueDim }: FeatureSteps): string {
  const B = FEATURE_BINDINGS;
  const W = FEATURE_WORDS;
  const { quads } = map;
  const lanes = stateQuads(valueDim);
  const groups = Math.floor(THREADS / lanes);
  const features = 4 * quads;
  const storage = "float32";
  const spread = (name: "k" | "q", row: string) =>
    `for (var quad = thread; quad < ${quads}u; quad += ${THREADS}u) { phi[quad] = features_${name}(${row}); }`;
  return `@group(0) @binding(${B.words}) var<storage, read> words: array<u32>;
${rowsText({ name: "k", binding: B.k, width: headDim, storage })}
${rowsText({ name: "v", binding: B.v, width: valueDim, storage })}
${rowsText({ name: "q", binding: B.q, width: headDim, storage })}
@group(0) @binding(${B.state}) var<storage, read_write> state: array<vec4f>;
@group(0) @binding(${B.outputs}) var<storage, read_write> outputs: array<vec4f>;
${mapGround(map, B.table)}
${featuresText(map, "k")}
${featuresText(map, "q")}
${overThreadsText(valueDim + 1)}
var<workgroup> phi: array<vec4f, ${quads}>;
var<workgroup> sums: array<vec4f, ${lanes}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let slice = ${gridIndex("id", "all")};
  if (slice >= words[${W.slices}]) { return; }
  let count = words[${W.count}];
  let lane = thread % ${lanes}u;
  let group = thread / ${lanes}u;
  let start = slice * ${features * lanes}u + lane;
  for (var token = 0u; token < count; token++) {
    let row = slice * count + token;
    ${spread("k", `row, words[${W.first}] + token, quad`)}
    workgroupBarrier();
    if (group < ${groups}u) {
      var value = load_v(row, lane);
      if (lane == ${valueDim >> 2}u) { value[${valueDim % 4}] = 1.0; }
      for (var feature = group; feature < ${features}u; feature += ${groups}u) {
        let at = start + feature * ${lanes}u;
        state[at] = fma(vec4f(phi[feature / 4u][feature % 4u]), value, state[at]);
      }
    }
    workgroupBarrier();
  }
  for (var reader = 0u; reader < words[${W.readers}]; reader++) {
    let head = slice * words[${W.readers}] + reader;
    ${spread("q", `head, words[${W.first}] + count - 1u, quad`)}
    workgroupBarrier();
    var own = vec4f();
    if (group < ${groups}u) {
      for (var feature = group; feature < ${features}u; feature += ${groups}u) {
        own = fma(vec4f(phi[feature / 4u][feature % 4u]), state[start + feature * ${lanes}u], own);
      }
    }
    let read = overGroups(own, thread);
    if (thread < ${lanes}u) { sums[thread] = read; }
    workgroupBarrier();
    let shared_weight = sums[${valueDim >> 2}][${valueDim % 4}] + bitcast<f32>(words[${W.epsilon}]);
    // A query that shares no feature with any key has sums of 0, whatever they are divided by.
    let total = select(shared_weight, 1.0, shared_weight == 0.0);
    if (thread < ${quadsOf(valueDim)}u) { outputs[head * ${quadsOf(valueDim)}u + thread] = sums[thread] / total; }
    workgroupBarrier();
  }
}
`;
}
