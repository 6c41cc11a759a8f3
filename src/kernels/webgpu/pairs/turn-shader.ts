import type { TurnLayout } from "../../../pairwise/turn.ts";
import type { Storage } from "../gpu/storage.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { uniformText } from "../wgsl/uniform.ts";

export const TURN_THREADS = 64;

/** Rows of all heads, `perHead` of each, the first of which is the token `first` after the first of the table. */
export const TURN_CALL = { rows: "u32", perHead: "u32", first: "u32" } as const;

export const TURN_BINDINGS = { call: 0, from: 1, angles: 2, to: 3 } as const;

/** Turns the rows of q or of k by their positions, a thread for every pair of channels, into float32. */
export function turnShader(headDim: number, layout: TurnLayout, storage: Storage): string {
  const pairs = headDim / 2;
  const channels = layout === "half" ? [`pair`, `pair + ${pairs}u`] : ["2u * pair", "2u * pair + 1u"];
  const [x, y] = channels.map((channel) => `load_rows(row, (${channel}) / 4u)[(${channel}) % 4u]`);
  return `${uniformText("call", TURN_BINDINGS.call, TURN_CALL)}
${rowsText({ name: "rows", binding: TURN_BINDINGS.from, width: headDim, storage })}
@group(0) @binding(${TURN_BINDINGS.angles}) var<storage, read> angles: array<f32>;
@group(0) @binding(${TURN_BINDINGS.to}) var<storage, read_write> turned: array<f32>;
@compute @workgroup_size(${TURN_THREADS})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = ${gridIndex("id", "all")} * ${TURN_THREADS}u + thread;
  if (index >= call.rows * ${pairs}u) { return; }
  let row = index / ${pairs}u;
  let pair = index % ${pairs}u;
  let at = (row % call.perHead + call.first) * ${headDim}u;
  let cosine = angles[at + ${channels[0]}];
  let sine = angles[at + ${channels[1]}];
  let x = ${x};
  let y = ${y};
  turned[row * ${headDim}u + ${channels[0]}] = x * cosine - y * sine;
  turned[row * ${headDim}u + ${channels[1]}] = x * sine + y * cosine;
}
`;
}
