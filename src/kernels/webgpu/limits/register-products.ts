import { each } from "../wgsl/text.ts";

/** Invocations of a workgroup. */
const THREADS = 128;
/** Chains that do not wait for one another: more than the latency of a product times what is issued at once. */
const CHAINS = 8;
const STEPS = 16;

/** Products and sums of what is in registers alone: no kernel computes faster. */
export const REGISTER_PRODUCTS = {
  label: "register products",
  groups: { least: 32, most: 8192 },
  /** Operations: a product and a sum, in four components. */
  work: 2 * 4 * CHAINS * STEPS * THREADS,
  code: `
@group(0) @binding(0) var<storage, read_write> written: array<f32>;
@group(0) @binding(1) var<uniform> rounds: u32;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(1.0 - f32(id.x % 7u) * 1e-4);
  let b = vec4f(f32(id.x % 5u) * 1e-3);
${each(CHAINS, (chain) => `  var x${chain} = vec4f(${chain}.0);`)}
  for (var round = 0u; round < rounds; round++) {
${each(CHAINS * STEPS, (at) => `    x${at % CHAINS} = fma(x${at % CHAINS}, a, b);`)}
  }
  let sum = ${each(CHAINS, (chain) => `x${chain}`, " + ")};
  if (sum.x + sum.y + sum.z + sum.w == -1.0) { written[0] = sum.x; }
}`,
} as const;
