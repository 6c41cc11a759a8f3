import { tensorNamed } from "../../../src/core/tensors.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { isRecurrence, type Recurrence } from "../../../src/mechanisms/recurrence/declare.ts";

/** What one head takes in, token by token, `[length][width]` each. */
interface Head {
  readonly logs: readonly Float64Array[];
  /** Read by the query, by what is erased, and what is written and erased with. */
  readonly q: readonly Float64Array[];
  readonly reads: readonly Float64Array[];
  readonly writes: readonly Float64Array[];
  readonly erases: readonly Float64Array[];
  readonly v: readonly Float64Array[];
  /** A token's product with itself where it is read before it is written. */
  readonly own: readonly number[];
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => (x > 30 ? x : Math.log1p(Math.exp(x)));
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, c) => sum + x * b[c], 0);
const scaled = (a: Float64Array, b: ArrayLike<number>) => a.map((x, c) => x * b[c]);
const unit = (a: Float64Array) => a.map((x) => x / Math.sqrt(dot(a, a) + 1e-6));

/**
 * A recurrence in float64 in chunks of so many tokens, as it is usually computed: in a chunk products of pairs of tokens, in
 * which what is erased is found by forward substitution, and from chunk to chunk a state. Only differences of cumulative logs
 * of decays are exponentiated; a log of minus infinity is counted. All rows `[valueDim]` of one head of the first entry, and the
 * largest of those cumulative logs, which is rounded before it is subtracted.
 */
export function chunked(
  problem: JudgedProblem,
  head: number,
  chunk: number,
): { readonly rows: readonly Float64Array[]; readonly largest: number } {
  const { mechanism, shape } = problem;
  if (!isRecurrence(mechanism)) throw new TypeError("it must be a recurrence");
  const { headDim, valueDim, length } = shape;
  const of = headOf(problem, mechanism, head);
  const scale = mechanism.scale ?? headDim ** -0.5;
  const state = Array.from({ length: headDim }, () => new Float64Array(valueDim));
  const rows: Float64Array[] = [];
  let largest = 0;
  for (let from = 0; from < length; from += chunk) {
    const to = Math.min(length, from + chunk);
    const { decays, sum: all } = cumulative(of.logs.slice(from, to), headDim);
    largest = Math.max(largest, ...all.map(Math.abs));
    const erased: Float64Array[] = [];
    const early = mechanism.erase === "before-decay" ? 1 : 0;
    /** What a vector of token t reads, of the state before the chunk and of tokens of the chunk before `end`. */
    const reading = (x: Float64Array, t: number, back: number, end: number): Float64Array => {
      const sum = new Float64Array(valueDim);
      const fromState = scaled(x, decays(t - back, -1));
      for (let c = 0; c < headDim; c++)
        for (let j = 0; j < valueDim; j++) sum[j] += fromState[c] * state[c][j];
      for (let l = 0; l < end; l++) {
        const decayed = scaled(x, decays(t - back, l));
        const written = dot(decayed, of.writes[from + l]);
        const taken = mechanism.erase === null ? 0 : dot(decayed, of.erases[from + l]);
        for (let j = 0; j < valueDim; j++) {
          sum[j] += written * of.v[from + l][j];
          if (taken !== 0) sum[j] -= taken * erased[l][j];
        }
      }
      return sum;
    };
    for (let t = 0; t < to - from; t++) {
      const at = from + t;
      if (mechanism.erase !== null) erased.push(reading(of.reads[at], t, early, t));
      const first = mechanism.bonus !== null;
      const read = reading(of.q[at], t, first ? 1 : 0, first ? t : t + 1);
      rows.push(read.map((x, j) => scale * (x + of.own[at] * of.v[at][j]) + mechanism.skip * of.v[at][j]));
    }
    const last = to - from - 1;
    for (const [c, row] of state.entries()) for (let j = 0; j < valueDim; j++) row[j] *= decays(last, -1)[c];
    for (let l = 0; l <= last; l++) {
      const left = decays(last, l);
      for (const [c, row] of state.entries()) {
        const written = left[c] * of.writes[from + l][c];
        const taken = mechanism.erase === null ? 0 : left[c] * of.erases[from + l][c];
        for (let j = 0; j < valueDim; j++) {
          row[j] += written * of.v[from + l][j] - (taken === 0 ? 0 : taken * erased[l][j]);
        }
      }
    }
  }
  return { rows, largest };
}

/** `e^(g_t - g_l)` of a chunk's tokens, channel by channel; of token -1 g is 0. And g of the last. */
function cumulative(logs: readonly Float64Array[], headDim: number) {
  const sums = [new Float64Array(headDim)];
  const ends = [new Float64Array(headDim)];
  for (const log of logs) {
    const [sum, end] = [sums, ends].map((list) => list[list.length - 1]);
    sums.push(sum.map((x, c) => (log[c] === Number.NEGATIVE_INFINITY ? x : x + log[c])));
    ends.push(end.map((x, c) => (log[c] === Number.NEGATIVE_INFINITY ? x + 1 : x)));
  }
  const decays = (t: number, l: number): Float64Array =>
    sums[t + 1].map((x, c) => (ends[t + 1][c] > ends[l + 1][c] ? 0 : Math.exp(x - sums[l + 1][c])));
  return { decays, sum: sums[sums.length - 1] };
}

function headOf({ inputs, shape }: JudgedProblem, mechanism: Recurrence, head: number): Head {
  const { headDim: d, valueDim, length } = shape;
  const rows = (name: string, width: number) =>
    Array.from({ length }, (_, token) => {
      const at = (head * length + token) * width;
      return Float64Array.from(tensorNamed(inputs, name).subarray(at, at + width));
    });
  const [rawQ, rawK, v] = [rows("q", d), rows("k", d), rows("v", valueDim)];
  const { unit: units, bonus, erase } = mechanism;
  const q = units === "both" ? rawQ.map(unit) : rawQ;
  const k = units === "both" ? rawK.map(unit) : rawK;
  const reads = units === null ? rawK : rawK.map(unit);
  const betas = rawK.map((key, token) => betasOf(mechanism, inputs, head, key, token, length));
  return {
    logs: rawK.map((key, token) => logsOf(mechanism, { inputs, shape }, head, key, token)),
    q,
    reads,
    writes: k.map((key, token) => scaled(key, betas[token])),
    erases: reads.map((key, token) => scaled(key, betas[token])),
    v,
    own: q.map((one, token) => (bonus === null ? 0 : bonus * dot(one, k[token]))),
    ...(erase === null && { erases: [] }),
  };
}

type Inputs = JudgedProblem["inputs"];

/** Row `row` of the weights of a head, times a key. */
function logit(inputs: Inputs, name: string, count: number, width: number, head: number, key: Float64Array) {
  return Float64Array.from({ length: count }, (_, row) => {
    const at = (head * count + row) * width;
    return dot(key, Float64Array.from(tensorNamed(inputs, name).subarray(at, at + key.length)));
  });
}

function betasOf(
  { write, decay }: Recurrence,
  inputs: Inputs,
  head: number,
  key: Float64Array,
  token: number,
  length: number,
): Float64Array {
  const all = (x: number) => new Float64Array(key.length).fill(x);
  switch (write.form) {
    case "one":
      return all(1);
    case "given":
      return all(tensorNamed(inputs, "beta")[head * length + token]);
    case "given-step":
      return all(tensorNamed(inputs, "dt")[head * length + token]);
    case "step":
      return all(stepsOf("per" in decay && decay.per === "channel", inputs, head, key)[0]);
    default: {
      const logits = logit(inputs, "write", write.per === "token" ? 1 : key.length, key.length, head, key);
      return write.per === "token" ? all(logistic(logits[0])) : logits.map(logistic);
    }
  }
}

/** `softplus(W k + b)`, a row each. */
function stepsOf(isChannel: boolean, inputs: Inputs, head: number, key: Float64Array): Float64Array {
  const count = isChannel ? key.length : 1;
  const width = key.length + 2;
  return logit(inputs, "decay", count, width, head, key).map((x, row) =>
    softplus(x + tensorNamed(inputs, "decay")[(head * count + row) * width + key.length + 1]),
  );
}

function logsOf(
  { decay, write }: Recurrence,
  { inputs, shape }: Pick<JudgedProblem, "inputs" | "shape">,
  head: number,
  key: Float64Array,
  token: number,
): Float64Array {
  const { headDim: d, heads, length } = shape;
  const all = (x: number) => new Float64Array(d).fill(x);
  const spread = (numbers: Float64Array) => (numbers.length === 1 ? all(numbers[0]) : numbers);
  switch (decay.form) {
    case "none":
      return all(0);
    case "retention":
      return all(Math.log1p(-(2 ** (-5 - head))));
    case "lightning":
      return all(-(2 ** (-8 * ((head + 1) / heads))));
    case "given": {
      const width = decay.per === "token" ? 1 : d;
      const at = (head * length + token) * width;
      return spread(Float64Array.from(tensorNamed(inputs, "g").subarray(at, at + width)));
    }
    case "softplus": {
      const count = decay.per === "token" ? 1 : d;
      const dt = write.form === "given-step" ? tensorNamed(inputs, "dt")[head * length + token] : null;
      const steps = dt === null ? stepsOf(count > 1, inputs, head, key) : new Float64Array(count).fill(dt);
      return spread(
        steps.map((step, row) => -tensorNamed(inputs, "decay")[(head * count + row) * (d + 2) + d] * step),
      );
    }
    default: {
      const logits = logit(inputs, "decay", decay.per === "token" ? 1 : d, d, head, key);
      if (decay.form === "logistic") return spread(logits.map((x) => -softplus(-x) / 16));
      if (decay.form === "rwkv7") return logits.map((x) => -Math.exp(-0.5) * logistic(x));
      return logits.map((x, c) => -Math.exp(x - 6 + 5 * (d === 1 ? 0 : c / (d - 1)) ** 0.7));
    }
  }
}
