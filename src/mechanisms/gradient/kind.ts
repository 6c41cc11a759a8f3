import type { Mechanism } from "../../core/mechanism.ts";
import { laidOut, OUT, type OutputTensor } from "../../core/outputs.ts";
import { layoutOf, QKV, type Shape } from "../../core/shape.ts";
import { layoutBy, type TensorSpec } from "../../core/tensor-spec.ts";
import type { Kind } from "../kind.ts";
import type { Law, Subject } from "../laws/law.ts";
import { DOUT, type Gradient, gradientName, isGradient, makesOutput } from "./declare.ts";
import { gradientLaws, lawsOfQueries } from "./laws/index.ts";
import { gradientOracle } from "./oracle.ts";
import { leastWork, work } from "./work.ts";

/** `[batch, heads, queries, valueDim]`, of a stream of its own. */
const dout: TensorSpec = {
  dims: ["batch", "heads", "queries", "valueDim"],
  of: "token",
  stream: DOUT,
};

/**
 * The gradient of another kind: whatever it says follows from that. There is one such kind for each kind that a gradient
 * is asked of, also where it has none, to say why.
 */
export function gradientKind(inner: Kind<Mechanism>): Kind<Gradient> {
  const of = inner.words ?? inner.id;
  const choices = inner.choices?.bind(inner);
  return {
    id: "gradient",
    words: `the gradient of ${of}`,
    causality: inner.causality,
    ...(inner.causalityOf !== undefined && {
      causalityOf: (mechanism: Gradient) => inner.causalityOf?.(mechanism.of) ?? inner.causality,
    }),
    ...(inner.freedoms !== undefined && { freedoms: inner.freedoms }),
    whyNotShape: (mechanism, shape) =>
      whyNoGradient(inner, mechanism.of) ?? inner.whyNotShape?.(mechanism.of, shape) ?? null,
    ...(inner.takesTokens !== undefined && {
      takesTokens: (mechanism: Gradient) => inner.takesTokens?.(mechanism.of) === true,
    }),
    through: ({ of: within }) => inner.gradient?.through?.(within) ?? null,
    inputs: (mechanism) => ({ ...inner.inputs?.(mechanism.of), [DOUT]: dout }),
    outputs: (mechanism, shape) => outputsOf(inner, mechanism, shape),
    ...(inner.gates !== undefined && { gates: (mechanism: Gradient) => inner.gates?.(mechanism.of) ?? [] }),
    under: (mechanism, call) => ({ ...mechanism, of: inner.under(mechanism.of, call) }),
    whyNotUnder: (mechanism, call) => inner.whyNotUnder(mechanism.of, call),
    work: (task) => work(task, inner),
    leastWork: (task) => leastWork(task, inner),
    pattern: (mechanism, causal) => inner.pattern(mechanism.of, causal),
    pairwise: inner.pairwise,
    sumsToOne: () => false,
    directed: () => true,
    // A gradient sums over later tokens, of which a longer sequence has more.
    keepsPrefixes: () => false,
    scoreScale: (mechanism, headDim) => inner.scoreScale(mechanism.of, headDim),
    // It approximates nothing: how near the output is to full attention is told of the forward pass.
    yardstick: () => null,
    ...(choices !== undefined && {
      choices: (mechanism: Gradient, shape: Shape) => choices(mechanism.of, shape),
    }),
    oracle: (problem) => gradientOracle(problem, inner),
    sweeps: true,
    oracleProducts: ({ mechanism, ...asked }) => {
      const within = mechanism !== undefined && isGradient(mechanism) ? { mechanism: mechanism.of } : {};
      const ofGradient = inner.gradient?.oracleProducts({ ...asked, ...within }) ?? 0;
      return ofGradient + inner.oracleProducts({ ...asked, ...within });
    },
    laws: [
      ...gradientLaws.map((law) => ({
        ...law,
        applies: (subject: Subject) => isHeldBy(subject, inner, law) && law.applies(subject),
      })),
      ...(inner.gradient?.laws ?? []),
    ],
  };
}

/** Laws of what a query has a part in do not hold where other rows read it, or where later tokens decide what it reads. */
function isHeldBy({ filled: { mechanism } }: Subject, inner: Kind<Mechanism>, law: Law): boolean {
  if (!isGradient(mechanism) || !lawsOfQueries.includes(law)) return true;
  const { of } = mechanism;
  return inner.gradient?.sumsQueries?.(of) !== true && inner.keepsPrefixes?.(of) !== false;
}

/** Why a mechanism has no gradient, as a sentence's end; null if it has one. */
function whyNoGradient(inner: Kind<Mechanism>, mechanism: Mechanism): string | null {
  const of = inner.words ?? inner.id;
  const { gradient } = inner;
  const why =
    gradient === undefined ? (inner.whyNoGradient ?? "is not defined here") : gradient.whyNot?.(mechanism);
  return why === undefined || why === null ? null : `the gradient of ${of} ${why}; omit --mode`;
}

/** The tensors of an output: each gradient lies as its input does. */
function outputsOf(inner: Kind<Mechanism>, mechanism: Gradient, shape: Shape): readonly OutputTensor[] {
  const { of, also } = mechanism;
  const specs = inner.inputs?.(of) ?? {};
  return laidOut([
    ...(makesOutput(mechanism) ? [{ name: OUT, layout: layoutOf(shape, "output") }] : []),
    ...QKV.map((name) => ({ name: gradientName(name), layout: layoutOf(shape, name) })),
    ...also.map((name) => ({ name: gradientName(name), layout: layoutBy(shape, specs[name]) })),
  ]);
}
