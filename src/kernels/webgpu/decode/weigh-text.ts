import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import { each } from "../wgsl/text.ts";
import { BLOCK, THREADS } from "./step-shape.ts";
import { LEAST } from "./sum-text.ts";

/** In WGSL, how the scores of a block's keys become weights, for so many readers.*/
export interface Weighing {
  /** What functions it needs. */
  readonly functions: string;
  /** What a thread does with the scores of its key. */
  scored(readers: number): string;
  /** What all threads do when they are all there. */
  weighted(readers: number): string;
  /** What sums of the blocks before are multiplied by; null if they stay. */
  shrink(reader: number): string | null;
}

/** A component of vectors of which each has four readers. */
export function componentOf(name: string, reader: number): string {
  return `${name}${reader >> 2}.${"xyzw"[reader % 4]}`;
}

/** Text for each such vector. */
export function eachVector(readers: number, text: (vector: number) => string): string {
  return each(Math.ceil(readers / 4), text);
}

/** What four readers have, as a vector; nothing where there are fewer. */
function vectorOf(readers: number, vector: number, of: (reader: number) => string): string {
  const parts = Array.from({ length: 4 }, (_, i) => (4 * vector + i < readers ? of(4 * vector + i) : LEAST));
  return `vec4f(${parts.join(", ")})`;
}

/** Weights that depend on no other score. */
function elementwise(functions: string): Weighing {
  return {
    functions,
    scored: (readers) =>
      each(readers, (r) => `      weights[${r * BLOCK}u + key] = weightOf(score${r}, number);`),
    weighted: () => "",
    shrink: () => null,
  };
}

export const WEIGHING: Readonly<Record<NormaliserName, Weighing>> = {
  softmax: {
    functions: "",
    scored: (readers) => `${each(readers, (r) => `      weights[${r * BLOCK}u + key] = score${r};`)}
${eachVector(readers, (v) => `      largest${v} = max(largest${v}, ${vectorOf(readers, v, (r) => `score${r}`)});`)}`,
    weighted: (readers) => `${eachVector(
      readers,
      (v) => `    let next${v} = max(most${v}, largestOf(largest${v}, thread));
    let shrink${v} = exp2_4(most${v} - next${v});
    most${v} = next${v};
    total${v} *= shrink${v};`,
    )}
    for (var key = thread; key < count; key += ${THREADS}u) {
${eachVector(readers, (v) => {
  const scores = vectorOf(readers, v, (r) => `weights[${r * BLOCK}u + key]`);
  return `      let own${v} = exp2_4(${scores} - most${v});
      total${v} += own${v};`;
})}
${each(readers, (r) => `      weights[${r * BLOCK}u + key] = ${componentOf("own", r)};`)}
    }`,
    shrink: (reader) => componentOf("shrink", reader),
  },
  // By its sign bit, which NaN may have as well: what is below 0 is from -0 to -infinity.
  relu: elementwise(`fn weightOf(score: f32, number: f32) -> f32 {
  let bits = bitcast<u32>(score);
  return select(score, 0.0, bits >= 0x80000000u && bits <= 0xff800000u);
}`),
  sigmoid: elementwise(`fn weightOf(score: f32, number: f32) -> f32 {
  let x = score - number;
  let small = exp2_1(-abs(x));
  return select(small, 1.0, x >= 0.0) / (1.0 + small);
}`),
};
