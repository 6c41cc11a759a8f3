import type { Problem } from "../../src/core/problem.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../src/core/shape.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel, type Runnable } from "../../src/kernels/kernel.ts";
import { DOUT, gradientArrays, isGradient } from "../../src/mechanisms/gradient/declare.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../src/pattern/bind.ts";

/** What a kernel of gradients is made of: a right one, and what it has been given. */
interface Given {
  readonly problem: Problem;
  readonly output: Float32Array;
  /** Computes into an array of its own, which `aside` is, from the numbers as they stand; saves first. */
  result(): Float32Array;
  readonly inner: Runnable;
  /** Where the right one writes. */
  readonly aside: Float32Array;
}

function kernelOf(id: string, bend: (given: Given) => Partial<Runnable>): Kernel {
  return {
    id,
    title: id,
    freedoms: ["kvHeads", "queries", "valueDim"],
    supports: (task) => js.supports(task),
    prepare(problem, output) {
      const aside = guardedOutput(output.length);
      const inner = js.prepare(problem, aside);
      const result = () => {
        inner.save?.();
        inner.run();
        return aside;
      };
      const { save, saved, ...right } = inner;
      return {
        ...right,
        ...(save && { save: () => inner.save?.() }),
        ...(saved && { saved: () => inner.saved?.() ?? [] }),
        run() {
          inner.run();
          output.set(aside);
        },
        output: () => output,
        ...bend({ problem, output, result, inner, aside }),
      };
    },
  };
}

const sum = (numbers: Float32Array): number => numbers.reduce((total, x) => total + x, 0);

/** Hand on, or remember, what they must not. */
export const skippingGradients: readonly Kernel[] = [
  kernelOf("gradients-cached-by-the-checksum-of-dout", ({ problem, output, inner, aside }) => {
    const known = new Map<number, Float32Array>();
    return {
      run() {
        const key = sum(tensorNamed(problem.inputs, DOUT));
        const ready = known.get(key);
        if (ready === undefined) {
          inner.run();
          known.set(key, aside.slice());
        }
        output.set(known.get(key) ?? aside);
      },
    };
  }),
  kernelOf("gradients-cached-by-the-first-of-dout", ({ problem, output, inner, aside }) => {
    const known = new Map<number, Float32Array>();
    return {
      run() {
        const [key] = tensorNamed(problem.inputs, DOUT);
        if (!known.has(key)) {
          inner.run();
          known.set(key, aside.slice());
        }
        output.set(known.get(key) ?? aside);
      },
    };
  }),
  kernelOf("gradients-computed-while-saving", ({ output, result }) => {
    let ready = new Float32Array(output.length);
    return {
      save() {
        ready = result().slice();
      },
      run: () => output.set(ready),
    };
  }),
  kernelOf("saves-more-than-it-says", ({ inner }) => ({
    // The sums of the rows are kept, and not told.
    saved: () => inner.saved?.().slice(1) ?? [],
  })),
  kernelOf("saves-and-says-nothing", ({ inner }) => ({ save: () => inner.save?.(), saved: () => [] })),
  kernelOf("saves-in-other-arrays-each-time", ({ inner }) => ({
    saved: () => inner.saved?.().map((array) => array.slice()) ?? [],
  })),
  kernelOf("stale-saved-values", ({ inner }) => {
    let saves = 0;
    return {
      save() {
        // Right for as many calls as verification makes on other numbers, and then what was saved before.
        if (saves++ < 24) inner.save?.();
      },
    };
  }),
  kernelOf("keys-gradients-of-an-earlier-call", ({ problem, output, inner, aside }) => {
    let calls = 0;
    let earlier: Float32Array | null = null;
    return {
      run() {
        inner.run();
        const { dk } = arraysOf(problem, aside);
        if (calls++ > 24 && earlier !== null) dk.set(earlier);
        earlier = dk.slice();
        output.set(aside);
      },
    };
  }),
];

function arraysOf(problem: Problem, output: Float32Array) {
  const { mechanism } = problem;
  if (!isGradient(mechanism)) throw new TypeError(`must be a gradient, got ${mechanism.kind}`);
  return gradientArrays({ ...problem, mechanism }, output).gradients as Readonly<
    Record<"dq" | "dk" | "dv", Float32Array>
  >;
}

/** Where a dense gradient of softmax may go wrong; each part left out is right. */
interface Faults {
  /** `dout · out` in the gradient of a logit. */
  readonly correction?: (mean: number) => number;
  /** The scale that reaches dq and dk. */
  readonly scale?: (scale: number) => number;
  /** Whether a pair adds to dk. */
  readonly addsToKey?: (attends: boolean, row: number, key: number) => boolean;
  /** Whether a query adds to dv of a key. */
  readonly addsToValue?: (row: number, key: number) => boolean;
}

/** A dense gradient that reads membership, right but for its faults. */
function planted(id: string, faults: Faults): Kernel {
  const {
    correction = (mean) => mean,
    scale: scaled = (scale) => scale,
    addsToKey = (attends) => attends,
    addsToValue = () => true,
  } = faults;
  return kernelOf(id, ({ problem, output }) => ({
    run: () => writeGradients(problem, output, { correction, scaled, addsToKey, addsToValue }),
  }));
}

interface Parts {
  readonly correction: NonNullable<Faults["correction"]>;
  readonly scaled: NonNullable<Faults["scale"]>;
  readonly addsToKey: NonNullable<Faults["addsToKey"]>;
  readonly addsToValue: NonNullable<Faults["addsToValue"]>;
}

function writeGradients(problem: Problem, output: Float32Array, parts: Parts): void {
  const { shape, inputs, mechanism } = problem;
  if (!isGradient(mechanism) || !isSoftmaxPattern(mechanism.of)) throw new TypeError("must be of a pattern");
  const { batch, heads, queries, length, headDim, valueDim } = shape;
  const patterns = bindHeads(mechanism.of, problem);
  const scale = 1 / Math.sqrt(headDim);
  const sums = new Float64Array(output.length);
  const { dq, dk, dv } = arraysOf(problem, output);
  const [qAt, kAt, vAt] = [dq, dk, dv].map((one) => one.byteOffset / 4 - output.byteOffset / 4);
  const dout = tensorNamed(inputs, DOUT);
  const dot = (a: Float32Array, at: number, b: Float32Array, other: number, width: number) => {
    let total = 0;
    for (let i = 0; i < width; i++) total += a[at + i] * b[other + i];
    return total;
  };
  for (let slice = 0; slice < batch * heads; slice++) {
    const [entry, head] = [Math.floor(slice / heads), slice % heads];
    const [ofQ, ofDout] = (["q", "output"] as const).map((name) =>
      offsetIn(layoutOf(shape, name), entry, head, 0),
    );
    const [ofK, ofV] = (["k", "v"] as const).map((name) =>
      offsetIn(layoutOf(shape, name), entry, kvHeadOf(shape, head), 0),
    );
    for (let row = 0; row < queries; row++) {
      const q = ofQ + row * headDim;
      const d = ofDout + row * valueDim;
      const every = Array.from({ length }, (_, key) => key);
      const logits = every.map((key) => scale * dot(inputs.q, q, inputs.k, ofK + key * headDim, headDim));
      const keys = every.filter((key) => patterns[head].attends(row, key));
      const most = keys.reduce((largest, key) => Math.max(largest, logits[key]), Number.NEGATIVE_INFINITY);
      const total = keys.reduce((all, key) => all + Math.exp(logits[key] - most), 0);
      const along = every.map((key) => dot(dout, d, inputs.v, ofV + key * valueDim, valueDim));
      const weight = (key: number) => Math.exp(logits[key] - most) / total;
      const mean = parts.correction(keys.reduce((all, key) => all + weight(key) * along[key], 0));
      for (const key of every) {
        const attends = patterns[head].attends(row, key);
        const logit = parts.scaled(scale) * weight(key) * (along[key] - mean);
        for (let i = 0; i < headDim; i++) {
          if (attends) sums[qAt + q + i] += logit * inputs.k[ofK + key * headDim + i];
          if (parts.addsToKey(attends, row, key))
            sums[kAt + ofK + key * headDim + i] += logit * inputs.q[q + i];
        }
        if (!attends || !parts.addsToValue(row, key)) continue;
        for (let i = 0; i < valueDim; i++) sums[vAt + ofV + key * valueDim + i] += weight(key) * dout[d + i];
      }
    }
  }
  output.set(sums);
}

/** Wrong in one place each. */
export const mistakenGradients: readonly Kernel[] = [
  planted("no-softmax-correction", { correction: () => 0 }),
  planted("half-the-correction", { correction: (mean) => mean / 2 }),
  planted("no-scale", { scale: () => 1 }),
  planted("dk-from-the-wrong-triangle", { addsToKey: (attends, row, key) => attends && row >= key + 1 }),
  planted("dk-from-keys-that-are-not-attended", { addsToKey: () => true }),
  planted("dv-without-one-query", { addsToValue: (row) => row !== 31 }),
];

/** Nothing wrong with them. */
export const honestGradients: readonly Kernel[] = [kernelOf("right", () => ({})), planted("dense", {})];
