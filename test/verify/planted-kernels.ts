import type { Problem } from "../../src/core/problem.ts";
import { everyRow, type RowPlace } from "../../src/core/rows.ts";
import { rowOffset } from "../../src/core/shape.ts";
import { GUARD, type ReadyKernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../src/pattern/bind.ts";

/** Where a dense softmax kernel may go wrong; each part left out is right. */
export interface Faults {
  readonly scale?: (headDim: number) => number;
  /** The keys that a row attends, from those that it should. */
  readonly keys?: (keys: readonly number[], row: number, problem: Problem) => readonly number[];
  /** What a row's weights are divided by, from their sum. */
  readonly divisor?: (total: number, problem: Problem) => number;
  /** Rows that are never written. */
  readonly skips?: (place: RowPlace) => boolean;
  /** The slice that is read in the place of another. */
  readonly slice?: (place: RowPlace) => { readonly batch: number; readonly head: number };
  /** What is stored, from what is there and what belongs there. */
  readonly store?: (before: number, value: number) => number;
}

/** A dense softmax kernel that reads membership, right but for its faults. */
export function planted(id: string, faults: Faults = {}): ReadyKernel {
  const {
    scale = (headDim) => 1 / Math.sqrt(headDim),
    keys: attended = (keys) => keys,
    divisor = (total) => total,
    skips = () => false,
    slice = (place) => place,
    store = (_, value) => value,
  } = faults;
  return simpleKernel({
    id,
    supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "it has no feature maps",
    prepare(problem, output) {
      const { shape, inputs } = problem;
      const { headDim } = shape;
      const keysOf = rowKeys(problem);
      return () => {
        for (const place of everyRow(shape)) {
          if (skips(place)) continue;
          const from = slice(place);
          const queryAt = rowOffset(shape, from.batch, from.head, place.row);
          const keysAt = rowOffset(shape, from.batch, from.head, 0);
          const keys = attended(keysOf(place), place.row, problem);
          const logits = keys.map((key) => {
            let dot = 0;
            for (let i = 0; i < headDim; i++)
              dot += inputs.q[queryAt + i] * inputs.k[keysAt + key * headDim + i];
            return dot * scale(headDim);
          });
          const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
          const weights = logits.map((logit) => Math.exp(logit - largest));
          const total = divisor(
            weights.reduce((sum, weight) => sum + weight, 0),
            problem,
          );
          const at = rowOffset(shape, place.batch, place.head, place.row);
          for (let i = 0; i < headDim; i++) {
            let value = 0;
            for (const [index, key] of keys.entries()) {
              value += (weights[index] / total) * inputs.v[keysAt + key * headDim + i];
            }
            output[at + i] = store(output[at + i], value);
          }
        }
      };
    },
  });
}

/** Right everywhere, and besides does something that it must not. */
export function misbehaving(
  id: string,
  act: (problem: Problem, output: Float32Array) => void,
  when: "prepare" | "run" = "run",
): ReadyKernel {
  const right = planted(id);
  return simpleKernel({
    id,
    prepare(problem, output) {
      const { run } = right.prepare(problem, output);
      if (when === "prepare") act(problem, output);
      return () => {
        run();
        if (when === "run") act(problem, output);
      };
    },
  });
}

/** Writes `distance` floats before its output, or past it. */
export function writesOutside(side: "before" | "past", distance: number): ReadyKernel {
  return misbehaving(`writes-${side}`, (_, output) => {
    const whole = new Float32Array(output.buffer);
    whole[side === "before" ? GUARD - distance : GUARD + output.length + distance - 1] = 1;
  });
}

/** Right, into an array of its own that it did not guard, or that is too long or too short. */
export function returnsOwnOutput(id: string, make: (count: number) => Float32Array): ReadyKernel {
  return {
    ...planted(id),
    id,
    prepare(problem, output) {
      const own = make(output.length);
      const right = planted(id).prepare(problem, own);
      return { ...right, output: () => own };
    },
  };
}

function rowKeys(problem: Problem): (place: RowPlace) => number[] {
  const { mechanism, shape } = problem;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("a planted kernel takes patterns only");
  const patterns = bindHeads(mechanism, problem);
  const allKeys = Array.from({ length: shape.length }, (_, key) => key);
  return ({ head, row }) => allKeys.filter((key) => patterns[head].attends(row, key));
}
