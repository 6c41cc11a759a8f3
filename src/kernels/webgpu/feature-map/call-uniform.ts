/** What shaders of a call are told: tokens, heads, and how keys are cut into segments. */
export interface CallSizes {
  readonly length: number;
  readonly queries: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Batch entries times heads of k and v. */
  readonly slices: number;
  /** Tokens of a segment, and how many segments there are. */
  readonly segment: number;
  readonly segments: number;
  /** How many of them are summed: no row reads the last one of a causal call. */
  readonly summed: number;
  /** By how much the first query stands before the first key: what tables of positions begin with. */
  readonly origin: number;
  readonly epsilon: number;
}

/** The same in WGSL, at binding 0. */
export const CALL_TEXT = `
struct Call {
  length: u32, queries: u32, heads: u32, kvHeads: u32,
  slices: u32, segment: u32, segments: u32, summed: u32,
  origin: u32, epsilon: f32,
}
@group(0) @binding(0) var<uniform> call: Call;`;

/** As bytes, in the order of the struct. */
export function callWords(sizes: CallSizes): ArrayBuffer {
  const { length, queries, heads, kvHeads, slices, segment, segments, summed, origin } = sizes;
  const words = Uint32Array.from([
    length,
    queries,
    heads,
    kvHeads,
    slices,
    segment,
    segments,
    summed,
    origin,
    0,
  ]);
  new Float32Array(words.buffer)[9] = sizes.epsilon;
  return words.buffer;
}
