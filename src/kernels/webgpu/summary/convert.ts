import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { CallBuilder } from "../gpu/call-builder.ts";
import { gridIndex, gridOf } from "../wgsl/grid.ts";

const THREADS = 64;

/** An input in float32: as it is, or a copy where it is stored in halves. */
export async function widened(builder: CallBuilder, name: string, count: number): Promise<GPUBuffer> {
  const input = builder.input(name);
  if (builder.storage === "float32") return input;
  const to = builder.scratch(name, FLOAT_BYTES * count);
  await builder.dispatch({
    label: `widening ${name}`,
    code: text("u32", "f32", "to[index] = unpack2x16float(from_[index / 2u])[index % 2u];"),
    bindings: { 0: input, 1: to },
    groups: groupsOf(count),
  });
  return to;
}

/** Writes the output of a call in the halves in which it is stored. */
export async function narrowed(builder: CallBuilder, from: GPUBuffer, count: number): Promise<void> {
  await builder.dispatch({
    label: "narrowing",
    code: text("f32", "u32", "to[index] = pack2x16float(vec2f(from_[2u * index], from_[2u * index + 1u]));"),
    bindings: { 0: from, 1: builder.output },
    groups: groupsOf(count / 2),
  });
}

/** Both arrays are exactly as long as there are numbers, up to what fills 16 bytes. */
function text(from: "u32" | "f32", to: "u32" | "f32", body: string): string {
  return `@group(0) @binding(0) var<storage, read> from_: array<${from}>;
@group(0) @binding(1) var<storage, read_write> to: array<${to}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let index = ${gridIndex("id", "all")} * ${THREADS}u + thread;
  if (index < arrayLength(&to)) { ${body} }
}
`;
}

function groupsOf(count: number): readonly [number, number, number] {
  return [...gridOf(Math.ceil(count / THREADS)), 1];
}
