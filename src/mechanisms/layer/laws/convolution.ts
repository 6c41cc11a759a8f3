import { everyRow } from "../../../core/rows.ts";
import { type Shifts, shiftBias } from "../../../pairwise/shift-bias.ts";
import { expecting } from "../../laws/expecting.ts";
import type { Law, Subject } from "../../laws/law.ts";
import { isSoftmaxPattern } from "../../softmax-pattern/declare.ts";
import { comparedRows, convolutionOfLayer, type LayerProblem, shiftedBias } from "../as-convolution.ts";
import { LAYER_WEIGHTS } from "../declare.ts";
import { changed, definedRows, inputOf, layerOf } from "./layer-problem.ts";

/** From here on a float32 pass sees no other pixel than that at which a head looks. */
const SHARP = 20;

/** Where weights are still spread over several pixels. */
const BLUNT = 5;

function shiftsOfSubject(subject: Subject): Shifts | null {
  return shiftedBias(layerOf(subject).mechanism)?.shifts ?? null;
}

function isConvolution(subject: Subject): boolean {
  return shiftsOfSubject(subject) !== null;
}

function withAlpha(problem: LayerProblem, shifts: Shifts, alpha: number): LayerProblem {
  const { inner } = problem.mechanism;
  if (!isSoftmaxPattern(inner)) throw new TypeError("law: heads must be softmax attention");
  const blunt = { ...inner, bias: shiftBias({ ...shifts, alpha }) };
  return changed(problem, { inner: blunt });
}

/** Cordonnier, Loukas, Jaggi 2019, arXiv 1911.03584, theorem 1. */
export const isAConvolution: Law = {
  title: "heads that look a fixed shift away are a convolution",
  applies: isConvolution,
  async check(subject) {
    const shifts = shiftsOfSubject(subject);
    const problem = layerOf(subject);
    if (shifts === null) return null;
    const asked = shifts.alpha >= SHARP ? problem : withAlpha(problem, shifts, SHARP);
    const places = comparedRows(asked, shifts);
    if (places.length === 0) return null;
    const oracle = expecting(asked, definedRows(convolutionOfLayer(asked, shifts)));
    return subject.compare(asked, oracle, places, await subject.output(asked));
  },
};

/**
 * A head leaves at most `1 - θ₃(e^-α)^-2` of its weight to other pixels than its own, θ₃(q) = 1 + 2Σ q^(n²), and moves the
 * output by twice that times the largest number that its tap makes of any.
 */
export const nearConvolution: Law = {
  title: "heads that look less sharply are off a convolution by no more than the weight they leave to others",
  applies: isConvolution,
  async check(subject) {
    const shifts = shiftsOfSubject(subject);
    if (shifts === null) return null;
    const asked = withAlpha(layerOf(subject), shifts, BLUNT);
    const bound = boundOf(asked, shifts, BLUNT);
    const row = definedRows(convolutionOfLayer(asked, shifts));
    const output = await subject.output(asked);
    const { queries, valueDim } = asked.shape;
    for (const place of comparedRows(asked, shifts)) {
      const at = (place.batch * queries + place.row) * valueDim;
      for (const [c, expected] of row(place).entries()) {
        const off = Math.abs(output[at + c] - expected);
        if (!(off <= bound)) {
          return `row ${place.row} of batch ${place.batch}, column ${c}: off the convolution by ${off}, at most ${bound} with alpha ${BLUNT}`;
        }
      }
    }
    return null;
  },
};

/** Heads without a place read the mean. */
export const meanOfAll: Law = {
  title: "heads that look nowhere give the mean of all tokens times the sum of the taps",
  applies: isConvolution,
  async check(subject) {
    const shifts = shiftsOfSubject(subject);
    if (shifts === null) return null;
    const asked = withAlpha(layerOf(subject), shifts, 0);
    const { batch, length, valueDim: d } = asked.shape;
    const taps = inputOf(asked, LAYER_WEIGHTS.output.matrix);
    const { v } = asked.inputs;
    const rows = Array.from({ length: batch }, (_, entry) => {
      const made = new Float64Array(d);
      for (let i = 0; i < d; i++) {
        let mean = 0;
        for (let token = 0; token < length; token++) mean += v[(entry * length + token) * d + i] / length;
        for (let at = i * d; at < taps.length; at += d * d) {
          for (let c = 0; c < d; c++) made[c] += mean * taps[at + c];
        }
      }
      return made;
    });
    const oracle = expecting(asked, (place) => rows[place.batch]);
    return subject.compare(asked, oracle, everyRow(asked.shape), await subject.output(asked));
  },
};

/** The error of a head of this `alpha`, summed over heads. */
function boundOf(problem: LayerProblem, shifts: Shifts, alpha: number): number {
  let theta = 1;
  for (let n = 1; n < 64; n++) theta += 2 * Math.exp(-alpha * n ** 2);
  const left = 1 - theta ** -(shifts.width === null ? 1 : 2);
  const { length, batch, valueDim: d } = problem.shape;
  const taps = inputOf(problem, LAYER_WEIGHTS.output.matrix);
  const { v } = problem.inputs;
  let bound = 0;
  for (let tap = 0; tap < taps.length; tap += d * d) {
    let most = 0;
    for (let token = 0; token < batch * length; token++) {
      for (let c = 0; c < d; c++) {
        let sum = 0;
        for (let i = 0; i < d; i++) sum += v[token * d + i] * taps[tap + i * d + c];
        most = Math.max(most, Math.abs(sum));
      }
    }
    bound += 2 * left * most;
  }
  return bound;
}
