import type { Storage } from "../gpu/storage.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { numbersText } from "../wgsl/numbers.ts";
import { uniformText } from "../wgsl/uniform.ts";

export const BIAS_THREADS = 64;

/** Heads, learned numbers of each, and distances. */
export const BIAS_CALL = { heads: "u32", entries: "u32", distances: "u32", unit: "f32" } as const;

export const BIAS_BINDINGS = { call: 0, table: 1, entries: 2, biases: 3 } as const;

/**
 * Makes the table of what is added at each distance of a layer's learned numbers: anew in each call, since they
 * may change.
 */
export function biasShader(storage: Storage): string {
  return `${uniformText("call", BIAS_BINDINGS.call, BIAS_CALL)}
${numbersText({ name: "table", binding: BIAS_BINDINGS.table, storage })}
@group(0) @binding(${BIAS_BINDINGS.entries}) var<storage, read> entries: array<u32>;
@group(0) @binding(${BIAS_BINDINGS.biases}) var<storage, read_write> biases: array<f32>;
@compute @workgroup_size(${BIAS_THREADS})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = ${gridIndex("id", "all")} * ${BIAS_THREADS}u + thread;
  if (index >= call.heads * call.distances) { return; }
  let at = index / call.distances * call.entries + entries[index % call.distances];
  biases[index] = call.unit * number_table(at);
}
`;
}
