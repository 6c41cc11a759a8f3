import { describe, expect, it } from "vitest";
import { FORM_NAMES } from "../../../src/core/form-names.ts";
import type { Pattern } from "../../../src/core/pattern.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import type { AttentionInputs } from "../../../src/core/tensors.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { simpleKernel } from "../../../src/kernels/simple-kernel.ts";
import { cellKind } from "../../../src/mechanisms/cell/kind.ts";
import { blendBounded, constantWritten, gatesOpen } from "../../../src/mechanisms/cell/laws/gates.ts";
import {
  nothingRead,
  nothingRemembered,
  unread,
  withinOne,
} from "../../../src/mechanisms/cell/laws/learned.ts";
import { type Feature, type FeatureMap, isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { featureMapKind } from "../../../src/mechanisms/feature-map/kind.ts";
import {
  largeLogits,
  lengthsCancel,
  negativeQueries,
} from "../../../src/mechanisms/feature-map/laws/lengths.ts";
import {
  channelsReorder as channelsOfFeatures,
  channelsShift,
  evenQueries,
  farHorizon,
  signsCancel,
} from "../../../src/mechanisms/feature-map/laws/symmetries.ts";
import { causalPrefix } from "../../../src/mechanisms/laws/causal-prefix.ts";
import { constantValues } from "../../../src/mechanisms/laws/constant-values.ts";
import { deterministic } from "../../../src/mechanisms/laws/deterministic.ts";
import { forbiddenKeys } from "../../../src/mechanisms/laws/forbidden-keys.ts";
import { independentHeads } from "../../../src/mechanisms/laws/independent-heads.ts";
import type { Law } from "../../../src/mechanisms/laws/law.ts";
import { saturation } from "../../../src/mechanisms/laws/saturation.ts";
import {
  isSoftmaxPattern,
  type SoftmaxPattern,
  softmaxPattern,
} from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { softmaxPatternKind } from "../../../src/mechanisms/softmax-pattern/kind.ts";
import {
  biasByDistance,
  constantTable,
  rowsShift,
} from "../../../src/mechanisms/softmax-pattern/laws/biases.ts";
import {
  deepSink,
  evenSigmoid,
  homogeneous,
} from "../../../src/mechanisms/softmax-pattern/laws/normalisers.ts";
import { pairCount } from "../../../src/mechanisms/softmax-pattern/laws/pair-count.ts";
import {
  channelsReorder,
  kinkless,
  nothingLearned,
} from "../../../src/mechanisms/softmax-pattern/laws/scores.ts";
import { layoutsAgree, turnedTogether } from "../../../src/mechanisms/softmax-pattern/laws/turns.ts";
import { summaryKind } from "../../../src/mechanisms/summary/kind.ts";
import { keysReorder } from "../../../src/mechanisms/summary/laws/keys-reorder.ts";
import { oneSummary } from "../../../src/mechanisms/summary/laws/one-summary.ts";
import type { Bias, BoundBias } from "../../../src/pairwise/bias.ts";
import type { Forms } from "../../../src/pairwise/forms.ts";
import { band } from "../../../src/pattern/band.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { elman } from "../../../variants/baseline/elman.ts";
import { lstm } from "../../../variants/baseline/lstm.ts";
import { minGru } from "../../../variants/baseline/min-gru.ts";
import { minLstm } from "../../../variants/baseline/min-lstm.ts";
import { additive } from "../../../variants/dense/additive.ts";
import { full } from "../../../variants/dense/full.ts";
import { reluAttention } from "../../../variants/dense/relu-attention.ts";
import { rope } from "../../../variants/dense/rope.ts";
import { sinkLogit } from "../../../variants/dense/sink-logit.ts";
import { t5Bias } from "../../../variants/dense/t5-bias.ts";
import { cosformer } from "../../../variants/feature-map/cosformer.ts";
import { hedgehog } from "../../../variants/feature-map/hedgehog.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { performer } from "../../../variants/feature-map/performer.ts";
import { rfa } from "../../../variants/feature-map/rfa.ts";
import { taylor } from "../../../variants/feature-map/taylor.ts";
import { linformer } from "../../../variants/low-rank/linformer.ts";
import { nystrom } from "../../../variants/low-rank/nystrom.ts";
import { global } from "../../../variants/sparse/global.ts";
import { local } from "../../../variants/sparse/local.ts";
import { strictPast } from "../../kernels/hand-written-patterns.ts";
import { publishedPerformerKernel } from "../../kernels/published-performer.ts";
import { planted } from "../../verify/planted-kernels.ts";
import { subject, variantOf } from "./subjects.ts";

/** A window of 3 whose bound form says something else in one place. */
function lying(lie: (bound: ReturnType<Pattern["bind"]>) => Partial<ReturnType<Pattern["bind"]>>): Variant {
  const truth = band(3, 3);
  return variantOf({
    ...truth,
    bind(context) {
      const bound = truth.bind(context);
      return { ...bound, ...lie(bound) };
    },
  });
}

/** Right, and then does something to its output, told how often it was called. */
function thenSpoils(id: string, spoil: (output: Float32Array, call: number) => void): Kernel {
  return simpleKernel({
    id,
    prepare(problem, output) {
      const { run } = js.prepare(problem, output);
      let call = 0;
      return () => {
        run();
        spoil(output, call++);
      };
    },
  });
}

/** Right on finite numbers: keys that are not attended get weight 0, by which NaN is still NaN. */
const weightZero = thenReads("weight-zero", (_, v) => v.reduce((sum, value) => sum + 0 * value, 0));
/** Reads every batch entry and head, to no effect on finite numbers. */
const acrossHeads = thenReads("across-heads", (q) => q.reduce((sum, value) => sum + 0 * value, 0));

/** Right for other queries. */
function thenSpoilsInputs(id: string, change: (q: Float32Array) => Float32Array): Kernel {
  return simpleKernel({
    id,
    forms: FORM_NAMES,
    prepare: (problem, output) =>
      js.prepare({ ...problem, inputs: { ...problem.inputs, q: change(problem.inputs.q) } }, output).run,
  });
}

/** Right, plus a number read from the inputs. */
function thenReads(id: string, read: (q: Float32Array, v: Float32Array) => number): Kernel {
  return simpleKernel({
    id,
    prepare(problem, output) {
      const { run } = js.prepare(problem, output);
      return () => {
        run();
        const extra = read(problem.inputs.q, problem.inputs.v);
        for (let at = 0; at < output.length; at++) output[at] += extra;
      };
    },
  });
}

/** Right for other inputs: what it is given, but for these. */
function thenReadsOthers(
  id: string,
  others: (inputs: AttentionInputs) => Readonly<Record<string, Float32Array>>,
): Kernel {
  return simpleKernel({
    id,
    prepare: (problem, output) => () => {
      const inputs = { ...problem.inputs, ...others(problem.inputs) };
      js.prepare({ ...problem, inputs }, output).run();
    },
  });
}

/** Right for another mechanism than the one that it is given. */
function mistaking(id: string, mistake: (mechanism: SoftmaxPattern) => Partial<SoftmaxPattern>): Kernel {
  return simpleKernel({
    id,
    forms: FORM_NAMES,
    prepare(problem, output) {
      const { mechanism } = problem;
      if (!isSoftmaxPattern(mechanism)) throw new TypeError(mechanism.kind);
      const { run } = js.prepare({ ...problem, mechanism: { ...mechanism, ...mistake(mechanism) } }, output);
      return run;
    },
  });
}

/** Full attention with these forms. */
function formed(forms: Forms): Variant {
  const having = Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, () => form]));
  return softmaxPattern({
    id: "formed",
    title: "Formed",
    source: "none",
    params: {},
    pattern: () => band(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
    exponent: () => 2,
    ...having,
  });
}

/** A bias of which kernels read other numbers than its definition says. */
const lyingBias: Bias = {
  text: "lying",
  bind: () => ({ at: (query, key) => 0.1 * (query - key), of: (distance) => 0.1 * distance }),
};

interface Breach {
  readonly what: string;
  readonly law: Law;
  readonly variant: Variant;
  readonly kernel: Kernel;
  readonly causal?: boolean;
  readonly message: RegExp;
}

/** One row, whatever it is. */
const OFF = /^row \d+ of batch \d+, head \d+, column \d+: got/;

const breaches: readonly Breach[] = [
  {
    what: "a pattern that counts a pair too many",
    law: pairCount,
    variant: lying((bound) => ({ pairs: () => bound.pairs() + 1 })),
    kernel: js,
    message: /^head 0: pairs\(\) is 276, counted 275$/,
  },
  {
    what: "a pattern whose intervals end one key early",
    law: pairCount,
    variant: lying((bound) => ({
      intervals: (query) =>
        bound.intervals(query).map((edge, at) => (at === 1 && query === 9 ? edge - 1 : edge)),
    })),
    kernel: js,
    message: /^row 9 of head 0: intervals hold 6 keys, membership 7$/,
  },
  {
    what: "a pattern whose intervals lie one key too far",
    law: pairCount,
    variant: lying((bound) => ({
      intervals: (query) => bound.intervals(query).map((edge) => (query === 9 ? edge + 1 : edge)),
    })),
    kernel: js,
    message: /^row 9 of head 0: intervals hold key 13, membership does not$/,
  },
  {
    what: "a kernel that is a rounding off the second time",
    law: deterministic,
    variant: full,
    kernel: thenSpoils("tired", (output, call) => {
      output[17] *= 1 + call * 2 ** -22;
    }),
    message: /^element 17: \S+ the first time, \S+ the second$/,
  },
  {
    what: "a kernel that writes only in its first call",
    law: deterministic,
    variant: local,
    kernel: thenSpoils("lazy", (output, call) => {
      if (call > 0) output.fill(Number.NaN);
    }),
    message: /^element 0: \S+ the first time, NaN the second$/,
  },
  {
    what: "a kernel that gives weight 0 to what it should not read",
    law: forbiddenKeys,
    variant: local,
    kernel: weightZero,
    message:
      /^row 0 of batch 0, head 0, column 0: \S+ became NaN when NaN was planted in keys that it does not attend$/,
  },
  {
    what: "a causal linear kernel that does so",
    law: forbiddenKeys,
    variant: linear,
    kernel: weightZero,
    causal: true,
    message: /^row 0 of batch 0, head 0, column 0: \S+ became NaN when NaN was planted/,
  },
  {
    what: "a kernel that reads another head",
    law: independentHeads,
    variant: linear,
    kernel: acrossHeads,
    message: /^element \d+: \S+ became NaN when slice 0 was filled with NaN$/,
  },
  {
    what: "a kernel whose weights sum to a little less than 1",
    law: constantValues,
    variant: global,
    kernel: planted("stingy", { divisor: (total) => total + 1e-4 }),
    message: /^row \d+ of batch \d, head \d, column \d+: got 1\.4\d+, expected 1\.5; /,
  },
  {
    what: "a kernel that gives rows without keys the mean of all values",
    law: constantValues,
    variant: variantOf(strictPast),
    kernel: planted("mean", { keys: (keys, row) => (keys.length > 0 ? keys : [row]) }),
    message: /^row 0 of batch 0, head 0, column 0: got 1\.5, expected 0; /,
  },
  {
    what: "a kernel that is right at 25 tokens, and not in the same rows of 41",
    law: causalPrefix,
    variant: full,
    kernel: planted("length-aware", {
      divisor: (total, { shape }) => (shape.length > 25 ? total * 1.001 : total),
    }),
    causal: true,
    message:
      /^row \d+ of batch \d+, head \d+, column \d+: got \S+, expected \S+; error \S+ over budget \S+, seed 7$/,
  },
  {
    what: "a causal kernel that reads one key of the future",
    law: causalPrefix,
    variant: local,
    kernel: planted("ahead", {
      keys: (keys, row, { shape }) => (row + 1 < shape.length ? [...keys, row + 1] : keys),
    }),
    causal: true,
    message: /^row \d+ of batch \d+, head \d+, column \d+: got/,
  },
  {
    what: "a kernel that drops the first key of every row, where the window is all",
    law: saturation,
    variant: local,
    kernel: planted("short", { keys: (keys) => (keys.length > 40 ? keys.slice(1) : keys) }),
    message: /^window=41: row \d+ of batch \d+, head \d+, column \d+: got/,
  },
  {
    what: "a variant that claims to be full too early",
    law: saturation,
    variant: {
      ...local,
      params: { ...local.params, window: { ...local.params.window, fullAt: (length) => length - 2 } },
    },
    kernel: js,
    message: /^window=39: row (0|40) of batch \d+, head \d+, column \d+: got/,
  },
  {
    what: "a bias whose two forms differ in sign",
    law: biasByDistance,
    variant: formed({ bias: lyingBias }),
    kernel: js,
    message: /^head 0: query 0 and key 1 have -0\.1, and their distance 0\.1$/,
  },
  {
    what: "a kernel that counts a distance in the wrong direction",
    law: rowsShift,
    variant: formed({ bias: { ...lyingBias, bind: () => steep(1) } }),
    kernel: mistaking("backwards", () => ({ bias: { ...lyingBias, bind: () => steep(-1) } })),
    message: OFF,
  },
  {
    what: "a kernel that takes more than the table for the bias",
    law: constantTable,
    variant: t5Bias,
    kernel: mistaking("sloped", ({ bias }) => ({ bias: bias && sloped(bias) })),
    message: OFF,
  },
  {
    what: "a kernel that turns channels which are no pair",
    law: layoutsAgree,
    variant: rope,
    kernel: mistaking("mixed", ({ turn }) => ({ turn: turn && { ...turn, layout: "half" } })),
    message: OFF,
  },
  {
    what: "a kernel that makes scores of tanh where they are products",
    law: turnedTogether,
    variant: rope,
    kernel: thenSpoilsInputs("squashing", (q) => q.map(Math.tanh)),
    message: OFF,
  },
  {
    what: "a kernel that weighs by softmax in the place of a rectifier",
    law: homogeneous,
    variant: reluAttention,
    kernel: mistaking("soft", () => ({ normaliser: undefined })),
    message: OFF,
  },
  {
    what: "a kernel that forgets how many keys a row has",
    law: evenSigmoid,
    variant: formed({ normaliser: { kind: "sigmoid", bias: null } }),
    kernel: mistaking("unbiased", () => ({ normaliser: { kind: "sigmoid", bias: 0 } })),
    message: OFF,
  },
  {
    what: "a kernel whose sink is always there",
    law: deepSink,
    variant: sinkLogit,
    kernel: mistaking("sunk", () => ({ normaliser: { kind: "sink", logit: 0 } })),
    message: OFF,
  },
  {
    what: "a kernel that multiplies what should be added",
    law: channelsReorder,
    variant: additive,
    kernel: mistaking("weighted", () => ({ score: undefined, bias: lyingBias })),
    message: OFF,
  },
  {
    what: "a kernel that adds a product to the score",
    law: nothingLearned,
    variant: additive,
    kernel: mistaking("product", () => ({ score: undefined })),
    message: OFF,
  },
  {
    what: "a kernel that always has a kink",
    law: kinkless,
    variant: formed({ score: { kind: "leaky", seed: 0, slope: 0.2 } }),
    kernel: mistaking("kinked", () => ({ score: { kind: "leaky", seed: 0, slope: 0.2 } })),
    message: OFF,
  },
  {
    what: "a recurrent kernel whose gate never opens all the way",
    law: gatesOpen,
    variant: minGru,
    kernel: thenReadsOthers("ajar", ({ k }) => ({ k: k.map((x) => Math.max(-7, Math.min(7, x))) })),
    causal: true,
    message: /^with gates at 200: row \d+ of batch \d+, head \d+, column \d+: got/,
  },
  {
    what: "a recurrent kernel that takes the wrong gate for forgetting",
    law: gatesOpen,
    variant: minLstm,
    kernel: thenReadsOthers("crossed", ({ q, k }) => ({ q: k, k: q })),
    causal: true,
    message: /^with gates at 200: row \d+ of batch \d+, head \d+, column \d+: got/,
  },
  {
    what: "a recurrent kernel that forgets with the gate by which it should write",
    law: constantWritten,
    variant: minLstm,
    kernel: thenReadsOthers("reversed", ({ q, k }) => ({ q: k, k: q })),
    causal: true,
    message: OFF,
  },
  {
    what: "a recurrent kernel that adds where it should blend",
    law: blendBounded,
    variant: minGru,
    kernel: thenSpoils("adding", (output) => {
      output[17] += 20;
    }),
    causal: true,
    message: /^row \d+ of batch 0, head 0, column \d+: \S+ is larger than \S+, the largest v so far$/,
  },
  {
    what: "a recurrent kernel that has a bias",
    law: nothingRead,
    variant: lstm,
    kernel: thenReadsOthers("biased", ({ v }) => ({ v: v.map((x) => x + 0.1) })),
    causal: true,
    message: /^element 0: got \S+ of a v of zeros$/,
  },
  {
    what: "a kernel whose numbers no tanh bounds",
    law: withinOne,
    variant: elman,
    kernel: thenSpoils("linear", (output) => {
      output[17] *= 100;
    }),
    causal: true,
    message: /^element 17: got \S+ with v 1(000)? times as large$/,
  },
  {
    what: "a kernel that remembers without weights to do so",
    law: nothingRemembered,
    variant: elman,
    kernel: thenReadsOthers("stubborn", ({ v }) => ({ u: v.map((x) => Math.abs(x)) })),
    causal: true,
    message: /^element \d+: \S+ became \S+ with the tokens in reverse order$/,
  },
  {
    what: "a kernel that looks at q, to no effect on numbers",
    law: unread,
    variant: lstm,
    kernel: acrossHeads,
    causal: true,
    message: /^element 0: \S+ became NaN when what it does not read was NaN$/,
  },
  {
    what: "a kernel that takes q and k as they are where it should take their directions",
    law: lengthsCancel,
    variant: rfa,
    kernel: mistakingFeatures("long", { kind: "channel-softmax" }),
    message: OFF,
  },
  {
    what: "a kernel that takes the size of what is negative",
    law: negativeQueries,
    variant: cosformer,
    kernel: thenSpoilsInputs("absolute", (q) => q.map(Math.abs)),
    message: /^row \d+ of batch \d+, head \d+, column \d+: got \S+, expected 0;/,
  },
  {
    what: "a kernel that adds to every feature, as published programs do",
    law: largeLogits,
    variant: performer,
    kernel: publishedPerformerKernel,
    message: OFF,
  },
  {
    what: "a kernel that rolls where it should not",
    law: channelsOfFeatures,
    variant: hedgehog,
    kernel: mistakingFeatures("rolling", { kind: "rolled", rolls: 1 }),
    message: OFF,
  },
  {
    what: "a kernel whose queries are a little off",
    law: evenQueries,
    variant: taylor,
    kernel: thenSpoilsInputs("offset", (q) => q.map((x) => x + 1)),
    message: OFF,
  },
  {
    what: "a kernel that squashes queries before it compares them",
    law: channelsShift,
    variant: hedgehog,
    kernel: thenSpoilsInputs("squashing", (q) => q.map(Math.tanh)),
    message: OFF,
  },
  {
    what: "a kernel that rectifies where signs cancel",
    law: signsCancel,
    variant: hedgehog,
    kernel: thenSpoilsInputs("rectifying", (q) => q.map((x) => Math.max(x, 0))),
    message: OFF,
  },
  {
    what: "a kernel that has a horizon of its own",
    law: farHorizon,
    variant: cosformer,
    kernel: mistakingFeatures("near", { kind: "reweighted", horizon: 100 }),
    message: OFF,
  },
  {
    what: "a kernel to which the first key is more than the others",
    law: keysReorder,
    variant: linformer,
    kernel: thenReads("first-key", (_, v) => 1e-3 * v[0]),
    message: OFF,
  },
  {
    what: "a kernel whose rows are not all the same with one summary",
    law: oneSummary,
    variant: nystrom,
    kernel: thenSpoils("leaning", (output) => {
      for (let at = 0; at < output.length; at++) output[at] *= 1 + 1e-4 * at;
    }),
    message: /^landmarks=1: row \d+ of batch \d+, head \d+, column \d+: got/,
  },
];

/** Right for another feature map than the one that it is given. */
function mistakingFeatures(id: string, mistake: Feature): Kernel {
  return simpleKernel({
    id,
    prepare(problem, output) {
      const { mechanism } = problem;
      if (!isFeatureMap(mechanism)) throw new TypeError(mechanism.kind);
      const mistaken: FeatureMap = { ...mechanism, feature: mistake };
      return js.prepare({ ...problem, mechanism: mistaken }, output).run;
    },
  });
}

/** A bias that grows along the keys by so much a token. */
function steep(slope: number): BoundBias {
  return { at: (query, key) => slope * (key - query), of: (distance) => slope * distance };
}

/** A bias with a slope besides. */
function sloped(bias: Bias): Bias {
  return {
    ...bias,
    bind(context) {
      const { at, of } = bias.bind(context);
      return { at, of: (distance) => of(distance) + distance };
    },
  };
}

describe("every law", () => {
  it.each(breaches)("is broken by $what", async ({ law, variant, kernel, causal = false, message }) => {
    const one = subject(variant, kernel, { causal });
    expect(law.applies(one)).toBe(true);
    expect(await law.check(heldTo(one))).toMatch(message);
    // The same, kept by a right kernel; a pattern that lies has none.
    if (kernel !== js) expect(await law.check(heldTo({ ...one, kernel: js }))).toBeNull();
  });

  it("has a breach here", () => {
    expect(new Set(breaches.map(({ law }) => law))).toEqual(
      new Set([...softmaxPatternKind.laws, ...featureMapKind.laws, ...summaryKind.laws, ...cellKind.laws]),
    );
  });

  it("says nothing of what it is not about", () => {
    const applies = (law: Law, variant: Variant, causal = false) =>
      law.applies(subject(variant, js, { causal }));
    expect(featureMapKind.laws).not.toContain(pairCount);
    expect(cellKind.laws).not.toContain(constantValues);
    expect(applies(gatesOpen, lstm, true)).toBe(false);
    expect(applies(withinOne, minGru, true)).toBe(false);
    expect(applies(nothingRemembered, lstm, true)).toBe(false);
    expect(applies(unread, minLstm, true)).toBe(false);
    expect(constantValues.applies(subject(linear, js, {}))).toBe(false);
    expect(applies(forbiddenKeys, linear)).toBe(false);
    expect(applies(causalPrefix, full)).toBe(false);
    expect(applies(saturation, full)).toBe(false);
    const single = shapeOf({ batch: 1, heads: 1, length: 9, headDim: 2 });
    expect(independentHeads.applies(subject(full, js, { shape: single }))).toBe(false);
  });
});
