import type { Numbers } from "../../../core/tensors.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { doutOf, type HeadGradients, type HeadPlace, partOf } from "../../gradient/swept.ts";
import type { Arithmetic } from "../../gradient/tape/arithmetic.ts";
import { BlockSum } from "../../gradient/tape/block-sum.ts";
import type { Rounding } from "../../oracle.ts";
import { type Aft, biasedKeys, LEARNED } from "../declare.ts";
import { learnedInputs } from "../learned.ts";
import { FarSums } from "./far-sums.ts";
import { type Keys, rowSums } from "./row-sums.ts";

/**
 * With `p_ij = e^{k_j + w_ij - L_i}`, L_i the logarithm of the row's sum, m_i its mean and `g_i = σ(q_i) dout_i`, channel by
 * channel: `dq_i = dout_i m_i σ(q_i) σ(-q_i)`, `dv_j = Σ_i p_ij g_i`, `dk_j = Σ_i p_ij g_i (v_j - m_i)`, and of the bias of
 * a pair `dw_ij = Σ_c p_ij g_i (v_j - m_i)`. Keys without a bias weigh `e^{k_j}` times a sum over the rows that they are in.
 */
export function headGradients(
  problem: GradientProblem<Aft>,
  place: HeadPlace,
  arithmetic: Arithmetic,
): HeadGradients {
  const { mechanism, inputs, causal } = problem;
  const { length, headDim: d } = inputs.shape;
  const { round } = arithmetic;
  const specs = learnedInputs(mechanism);
  const [q, k, v] = ["q", "k", "v"].map((name) => partOf(problem, specs, name, place).data);
  const dout = doutOf(problem, place);
  const bias = new Biases(problem, place, arithmetic);
  const rows = Array.from({ length }, (_, row): Keys => {
    const end = causal ? row + 1 : length;
    return { end, ...biasedKeys(mechanism.biases, row, end) };
  });
  const { means, logSums } = rowSums({ k, v, d, length, rows, biasOf: bias.of, round });
  const dq = new Float64Array(length * d);
  const along = new Float64Array(length * d);
  for (let at = 0; at < length * d; at++) {
    if (dout[at] === 0) continue;
    const [open, closed] = [logistic(q[at], round), logistic(-q[at], round)];
    along[at] = round(open * dout[at]);
    dq[at] = round(round(along[at] * means[at]) * closed);
  }
  const far = new FarSums({ k, v, d, length, rows, along, means, logSums, round });
  const { dk, dv } = far;
  const [ofKeys, ofValues] = [dk, dv].map((of) => new BlockSum(of.length, arithmetic));
  for (const [row, { from, to }] of rows.entries()) {
    const own = row * d;
    if (!along.subarray(own, own + d).some((g) => g !== 0)) continue;
    for (let key = from; key < to; key++) {
      const w = bias.of(row, key);
      let ofBias = 0;
      for (let c = 0; c < d; c++) {
        const at = key * d + c;
        const weight = round(Math.exp(round(round(k[at] + w) - logSums[own + c])));
        const share = round(weight * along[own + c]);
        const moved = round(share * round(v[at] - means[own + c]));
        ofValues.block[at] = round(ofValues.block[at] + share);
        ofKeys.block[at] = round(ofKeys.block[at] + moved);
        ofBias = round(ofBias + moved);
      }
      bias.add(row, key, ofBias);
    }
    ofKeys.next();
    ofValues.next();
  }
  const added = (to: Float64Array, sum: BlockSum): Float64Array =>
    sum.total().map((x, at) => round(x + to[at]));
  return { q: dq, k: added(dk, ofKeys), v: added(dv, ofValues), ...bias.gradients() };
}

/** `w_ij = u_i · v_j` of one head, and the gradients of both. */
class Biases {
  readonly #rank: number;
  readonly #u: Numbers;
  readonly #v: Numbers;
  readonly #du: BlockSum;
  readonly #dv: BlockSum;
  readonly #arithmetic: Arithmetic;

  constructor(problem: GradientProblem<Aft>, place: HeadPlace, arithmetic: Arithmetic) {
    const { biases } = problem.mechanism;
    const specs = learnedInputs(problem.mechanism);
    const part = (name: string): Numbers =>
      biases === null ? new Float64Array() : partOf(problem, specs, name, place).data;
    this.#rank = biases?.rank ?? 0;
    this.#u = part(LEARNED.ofQueries);
    this.#v = part(LEARNED.ofKeys);
    this.#du = new BlockSum(this.#u.length, arithmetic);
    this.#dv = new BlockSum(this.#v.length, arithmetic);
    this.#arithmetic = arithmetic;
  }

  readonly of = (query: number, key: number): number => {
    const rank = this.#rank;
    const one = { of: this.#u, at: query * rank, step: 1 };
    return this.#arithmetic.dot(one, { of: this.#v, at: key * rank, step: 1 }, rank);
  };

  add(query: number, key: number, gradient: number): void {
    const rank = this.#rank;
    this.#arithmetic.add(gradient, this.#v, key * rank, this.#du.block, query * rank, rank);
    this.#arithmetic.add(gradient, this.#u, query * rank, this.#dv.block, key * rank, rank);
  }

  gradients(): HeadGradients {
    if (this.#rank === 0) return {};
    return { [LEARNED.ofQueries]: this.#du.total(), [LEARNED.ofKeys]: this.#dv.total() };
  }
}

/** `1 / (1 + e^-x)`, of a large x on either side as well. */
function logistic(x: number, round: Rounding): number {
  const small = round(Math.exp(-Math.abs(x)));
  return round((x >= 0 ? 1 : small) / round(1 + small));
}
