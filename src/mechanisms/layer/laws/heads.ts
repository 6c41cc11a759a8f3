import { everyRow } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { expecting } from "../../laws/expecting.ts";
import type { Law } from "../../laws/law.ts";
import { withNamed } from "../../named-inputs.ts";
import { LAYER_GAMMA, LAYER_WEIGHTS, type Layer, NO_POSITIONS, positionsOf, widthOf } from "../declare.ts";
import { changed, definedRows, inputOf, layerOf } from "./layer-problem.ts";

/** Concatenating heads and multiplying is the sum of each head times its own rows of W^O. */
export const headsAdd: Law = {
  title: "the output is the sum of what each head makes with its rows of the last product",
  applies: (subject) => layerOf(subject).mechanism.heads > 1,
  async check(subject) {
    const problem = layerOf(subject);
    const { shape, mechanism } = problem;
    const { matrix } = LAYER_WEIGHTS.output;
    const all = inputOf(problem, matrix);
    const own = (widthOf(mechanism, "output", shape) / mechanism.heads) * shape.valueDim;
    const nothing = await subject.output(changed(problem, {}, { [matrix]: new Float32Array(all.length) }));
    const sum = Float64Array.from(nothing);
    for (let head = 0; head < mechanism.heads; head++) {
      const weights = new Float32Array(all.length);
      weights.set(all.subarray(head * own, (head + 1) * own), head * own);
      const made = await subject.output(changed(problem, {}, { [matrix]: weights }));
      for (const [at, x] of made.entries()) sum[at] += x - nothing[at];
    }
    return subject.compare(problem, problem.kind.oracle(problem), everyRow(shape), Float32Array.from(sum));
  },
};

/** A layer of one head that multiplies with the identity is its head. */
export const identities: Law = {
  title: "one head as wide as a token, with identities for weights, is what its heads compute",
  applies: () => true,
  async check(subject) {
    const problem = layerOf(subject);
    const { shape, mechanism, kind, inputs } = problem;
    const inner = subject.kinds.judged({ mechanism: mechanism.inner });
    if ((inner.kind.whyNotShape?.(mechanism.inner, shape) ?? null) !== null) return null;
    const { outputStream: _drawnElsewhere, ...rest } = mechanism;
    const plain: Layer = {
      ...rest,
      heads: 1,
      kvHeads: 1,
      headDim: { tokenOver: 1 },
      valueDim: { tokenOver: 1 },
      biases: false,
      positions: NO_POSITIONS,
      pool: null,
      residual: false,
    };
    const { q, k, v } = inputs;
    const drawn = withNamed({ mechanism: plain, kind }, { shape, q, k, v }, subject.seed);
    const identity = new Float32Array(shape.headDim ** 2);
    for (let c = 0; c < shape.headDim; c++) identity[c * shape.headDim + c] = 1;
    const weights = Object.values(LAYER_WEIGHTS).filter(({ matrix }) => Object.hasOwn(drawn, matrix));
    const asked = changed(
      { ...problem, mechanism: plain, inputs: drawn },
      {},
      {
        ...Object.fromEntries(weights.map(({ matrix }) => [matrix, identity])),
      },
    );
    const zero = (values: Float32Array, made: Layer["made"]["q"]) =>
      made === "zeros" ? new Float32Array(values.length) : values;
    const { made } = mechanism;
    const alone = {
      ...problem,
      ...inner,
      inputs: { ...asked.inputs, q: zero(q, made.q), k: zero(k, made.k), v: zero(v, made.v) },
    };
    const oracle = expecting(asked, definedRows(alone));
    return subject.compare(asked, oracle, everyRow(shape), await subject.output(asked));
  },
};

/** `x + 0 · that` is x. */
export const noGamma: Law = {
  title: "a factor of 0 leaves the tokens",
  applies: (subject) => layerOf(subject).mechanism.residual,
  async check(subject) {
    const problem = layerOf(subject);
    const { shape, inputs, mechanism } = problem;
    const positions = positionsOf(mechanism, "q");
    const table = positions === null ? null : inputOf(problem, positions);
    const asked = changed(problem, {}, { [LAYER_GAMMA]: new Float32Array(1) });
    const tokens = layoutOf(shape, "q");
    const oracle = expecting(asked, ({ batch, head, row }) => {
      const at = offsetIn(tokens, batch, head, row);
      return Float64Array.from({ length: shape.headDim }, (_, c) => {
        return inputs.q[at + c] + (table === null ? 0 : table[row * shape.headDim + c]);
      });
    });
    return subject.compare(asked, oracle, everyRow(shape), await subject.output(asked));
  },
};
