import type { Mechanism } from "../../src/core/mechanism.ts";
import type { Problem } from "../../src/core/problem.ts";
import { elementCount } from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel, type Runnable } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";

/** What a dishonest kernel is made of: a right computation from the numbers that stand there when it is called. */
interface Honest {
  readonly problem: Problem;
  readonly output: Float32Array;
  /** Computes the whole output. */
  compute(): void;
  /** The whole output in an array of its own. */
  result(): Float32Array;
}

function dishonest(id: string, run: (honest: Honest) => () => void): Kernel {
  return simpleKernel({ id, prepare: (problem, output) => run(honestOf(problem, output)) });
}

function honestOf(problem: Problem, output: Float32Array): Honest {
  const aside = guardedOutput(output.length);
  const inner = js.prepare(problem, aside);
  const result = () => {
    inner.run();
    return aside.slice();
  };
  return { problem, output, result, compute: () => output.set(result()) };
}

/** A kernel whose prepared call is bent. */
function bent(id: string, bend: (honest: Honest) => Partial<Runnable>): Kernel {
  const right = dishonest(id, ({ compute }) => compute);
  return {
    ...right,
    prepare: (problem, output) => ({
      ...right.prepare(problem, output),
      ...bend(honestOf(problem, output)),
    }),
  };
}

/** Remembers its output for as long as `key` of its inputs stays as it was. */
function memo(id: string, key: (inputs: AttentionInputs, output: Float32Array) => unknown): Kernel {
  return dishonest(id, ({ problem, output, result }) => {
    const known = new Map<unknown, Float32Array>();
    return () => {
      const now = key(problem.inputs, output);
      const ready = known.get(now) ?? result();
      known.set(now, ready);
      output.set(ready);
    };
  });
}

/** Honest for `calls` calls, as many as the gate makes, and then only where `due` says so. */
function lazyAfter(id: string, calls: number, due: (output: Float32Array) => boolean): Kernel {
  return dishonest(id, ({ output, compute }) => {
    let made = 0;
    return () => {
      if (made++ < calls || due(output)) compute();
    };
  });
}

/** After some calls it computes only the rows that `mine` names, of the call's number. */
function partly(id: string, calls: number, mine: (row: number, call: number) => boolean): Kernel {
  return dishonest(id, ({ problem: { shape }, output, result }) => {
    let made = 0;
    return () => {
      const whole = result();
      const call = made++;
      if (call < calls || Number.isNaN(output[0])) {
        output.set(whole);
        return;
      }
      for (let row = 0; row * shape.headDim < output.length; row++) {
        if (!mine(row, call)) continue;
        const at = row * shape.headDim;
        output.set(whole.subarray(at, at + shape.headDim), at);
      }
    };
  });
}

/** Right but for a change of its inputs or its output. */
function wrong(
  id: string,
  {
    before,
    after,
  }: { before?: (inputs: AttentionInputs) => AttentionInputs; after?: (honest: Honest) => void },
): Kernel {
  return simpleKernel({
    id,
    prepare(problem, output) {
      const copy = copyOf(problem.inputs);
      const own = before === undefined ? problem.inputs : copy;
      const honest = honestOf({ ...problem, inputs: own }, output);
      return () => {
        if (before !== undefined) {
          const changed = before(problem.inputs);
          for (const name of ["q", "k", "v"] as const) own[name].set(changed[name]);
        }
        honest.compute();
        after?.({ ...honest, problem });
      };
    },
  });
}

function copyOf({ shape, q, k, v }: AttentionInputs): AttentionInputs {
  return { shape, q: q.slice(), k: k.slice(), v: v.slice() };
}

function rounded(inputs: AttentionInputs, bits: number): AttentionInputs {
  const factor = 2 ** (24 - bits) + 1;
  const round = (x: number) => Math.fround(x * factor) - Math.fround(Math.fround(x * factor) - x);
  return { ...inputs, q: inputs.q.map(round), k: inputs.k.map(round), v: inputs.v.map(round) };
}

const sum = (tensor: Float32Array): number => tensor.reduce((total, x) => total + x, 0);
const first = ({ q, k, v }: AttentionInputs) => `${q[0]} ${k[0]} ${v[0]}`;

/** Kernels that do less than they should in the call that is timed. */
export const skipping: readonly Kernel[] = [
  bent("output-computes", ({ compute, output }) => {
    let due = false;
    return {
      run: () => {
        due = true;
      },
      output: () => {
        if (due) compute();
        due = false;
        return output;
      },
    };
  }),
  bent("hands-out-another", ({ output, result }) => {
    let looks = 0;
    return {
      output: () => (looks++ === 0 ? output : guardedOutput(output.length).map((_, at) => result()[at])),
    };
  }),
  bent("finishes-later", ({ compute }) => ({ run: () => queueMicrotask(compute) })),
  memo("memo-of-the-first-elements", first),
  memo("memo-of-the-sum-of-k", ({ k }) => sum(k)),
  memo("memo-of-eight-elements", ({ q, k, v }) => {
    const some = Array.from({ length: 8 }, (_, at) => Math.floor((at * q.length) / 8));
    return some.map((at) => `${q[at]} ${k[at]} ${v[at]}`).join();
  }),
  memo("memo-of-q-alone", ({ q }) => sum(q)),
  memo("memo-of-v-alone", ({ v }) => sum(v)),
  ...[1, 2, 3, 4, 8].map((calls) =>
    lazyAfter(`computes-where-nan-after-${calls}`, calls, (output) => Number.isNaN(output[0])),
  ),
  lazyAfter("computes-where-nan-anywhere", 4, (output) => output.some(Number.isNaN)),
  partly("every-other-row-in-turn", 4, (row, call) => (row + call) % 2 === 0),
  partly("first-half-only", 6, (row) => row < 48),
  partly("all-but-every-third-row", 8, (row, call) => (row + call) % 3 !== 0),
  dishonest("every-other-call", ({ compute, output }) => {
    let calls = 0;
    return () => {
      if (calls++ % 2 === 0 || Number.isNaN(output[0])) compute();
    };
  }),
  dishonest("one-call-late", ({ output, result }) => {
    let ready: Float32Array | null = null;
    return () => {
      const late = ready ?? result();
      ready = result();
      output.set(late);
    };
  }),
  simpleKernel({
    id: "weights-kept",
    supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "patterns only",
    prepare(problem, output) {
      const q = problem.inputs.q.slice();
      const k = problem.inputs.k.slice();
      const inner = js.prepare(
        { ...problem, inputs: { ...problem.inputs, q, k } },
        guardedOutput(output.length),
      );
      return () => {
        inner.run();
        output.set(inner.output());
      };
    },
  }),
  simpleKernel({
    id: "weights-kept-by-their-products",
    prepare(problem, output) {
      // What it keeps is the same where q and k are both negated, or their tokens change places together.
      const kept = copyOf(problem.inputs);
      const inner = js.prepare({ ...problem, inputs: kept }, guardedOutput(output.length));
      const products = () => sum(problem.inputs.q.map((x, at) => Math.abs(x * problem.inputs.k[at])));
      let known = products();
      return () => {
        const { q, k, v } = problem.inputs;
        kept.v.set(v);
        if (Math.abs(products() - known) > 1e-3 * known) {
          known = products();
          kept.q.set(q);
          kept.k.set(k);
        }
        inner.run();
        output.set(inner.output());
      };
    },
  }),
];

/** Kernels that are wrong where few look. */
export const mistaken: readonly Kernel[] = [
  wrong("eight-rows-wrong", {
    after: ({ output, problem: { shape } }) => {
      if (shape.length < 90) return;
      for (let at = 70 * shape.headDim; at < 78 * shape.headDim; at++) output[at] += 0.5;
    },
  }),
  wrong("one-row-a-little-wrong", {
    after: ({ output, problem: { shape } }) => {
      for (let at = 77 * shape.headDim; at < 78 * shape.headDim; at++) output[at] *= 1 + 1e-3;
    },
  }),
  wrong("eleven-bits", { before: (inputs) => rounded(inputs, 11) }),
  wrong("eight-bits", { before: (inputs) => rounded(inputs, 8) }),
  wrong("small-numbers-only", {
    before: (inputs) => ({ ...inputs, q: inputs.q.map((x) => Math.max(-6, Math.min(6, x))) }),
  }),
  wrong("no-largest-score", {
    after: ({ output, problem: { inputs, shape } }) => {
      // exp of a score past 88 is infinite in float32.
      const scores = inputs.q.reduce((most, x) => Math.max(most, Math.abs(x)), 0) * Math.sqrt(shape.headDim);
      if (scores > 88) output.fill(Number.NaN);
    },
  }),
  wrong("zero-times-what-is-masked", {
    after: ({ output, problem: { inputs, shape } }) => {
      const slice = shape.length * shape.headDim;
      for (let from = 0; from < output.length; from += slice) {
        const leak = 0 * sum(inputs.v.subarray(from, from + slice));
        for (let at = from; at < from + slice; at++) output[at] += leak;
      }
    },
  }),
];

/** Kernels that change what they are handed. */
export const meddling: readonly Kernel[] = [
  simpleKernel({
    id: "bends-the-shape",
    prepare(problem, output) {
      (problem.shape as { length: number }).length = 1;
      return honestOf(problem, output).compute;
    },
  }),
  simpleKernel({
    id: "bends-the-pattern",
    prepare(problem, output) {
      const { mechanism } = problem;
      if (isSoftmaxPattern(mechanism)) (mechanism.pattern as { bind: unknown }).bind = () => null;
      else (mechanism as Mechanism & { epsilon: number }).epsilon = 1;
      return honestOf(problem, output).compute;
    },
  }),
  bent("reads-other-inputs", ({ problem: { shape, inputs } }) => {
    const v = new Float32Array(elementCount(shape));
    return { inputs: () => ({ ...inputs, v }) };
  }),
];

/** Kernels that are right in ways of their own. */
export const honest: readonly Kernel[] = [
  dishonest("plain", ({ compute }) => compute),
  dishonest("packs-k-on-each-call", ({ problem, output }) => {
    const k = problem.inputs.k.slice();
    const inner = js.prepare({ ...problem, inputs: { ...problem.inputs, k } }, guardedOutput(output.length));
    return () => {
      k.set(problem.inputs.k);
      inner.run();
      output.set(inner.output());
    };
  }),
  dishonest("packs-k-where-it-changed", ({ problem, output }) => {
    const k = problem.inputs.k.slice();
    const inner = js.prepare({ ...problem, inputs: { ...problem.inputs, k } }, guardedOutput(output.length));
    return () => {
      if (k.some((x, at) => !Object.is(x, problem.inputs.k[at]))) k.set(problem.inputs.k);
      inner.run();
      output.set(inner.output());
    };
  }),
  dishonest("rows-from-last-to-first", ({ problem: { shape }, output, result }) => () => {
    const whole = result();
    for (let at = output.length - shape.headDim; at >= 0; at -= shape.headDim) {
      output.set(whole.subarray(at, at + shape.headDim), at);
    }
  }),
  bent("inputs-of-its-own", ({ problem, output }) => {
    const own = copyOf(problem.inputs);
    const inner = honestOf({ ...problem, inputs: own }, output);
    return { inputs: () => own, run: inner.compute };
  }),
  {
    ...dishonest("one-width-only", ({ compute }) => compute),
    supports: ({ shape }) => shape.headDim === 8 || "a width of 8 only",
  },
  dishonest("last-bits-by-chance", ({ output, compute }) => () => {
    compute();
    for (let at = 0; at < output.length; at++) output[at] *= 1 + (Math.random() - 0.5) * 2 ** -23;
  }),
];
