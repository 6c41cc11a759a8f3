import type { Mechanism } from "../../core/mechanism.ts";
import type { Pattern } from "../../core/pattern.ts";
import { QKV, type Shape, type TensorName, whyNotShape } from "../../core/shape.ts";
import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { type Layer, rowOf, shapeOfHeads, widthOf } from "./declare.ts";
import { layerGradient } from "./gradient/index.ts";
import { inputsOfHeads, layerInputs } from "./inputs.ts";
import { layerLaws } from "./laws/index.ts";
import { layerOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { leastWork, work } from "./work.ts";

/**
 * A layer around heads of another kind: whatever it says of them follows from that. There is one such kind for each
 * kind of heads.
 */
export function layerKind(inner: Kind<Mechanism>): Kind<Layer> {
  const choices = inner.choices?.bind(inner);
  const limited = inner.limited?.bind(inner);
  return {
    id: "layer",
    words: `a layer of ${inner.words ?? "attention"}`,
    causality: inner.causality,
    causalityOf: ({ inner: of, pool }) => (pool === null ? (inner.causalityOf?.(of) ?? "either") : "never"),
    freedoms: ["queries"],
    takesTokens: () => true,
    whyNotShape: (layer, shape) => whyNotLayer(layer, shape, inner),
    inputs: (layer) => ({
      ...layerInputs(layer),
      ...inputsOfHeads(layer, inner.inputs?.(layer.inner) ?? {}),
    }),
    under: (layer, call) => ({
      ...layer,
      inner: inner.under(layer.inner, call),
      biases: layer.biases || call.biases === true,
    }),
    whyNotUnder: (layer, call) => inner.whyNotUnder(layer.inner, call),
    table: (layer, causal) => table(layer, causal, inner),
    work: (task) => work(task, inner),
    leastWork: (task) => leastWork(task, inner),
    pattern: (layer, causal) => patternOf(layer, inner.pattern(layer.inner, causal)),
    pairwise: false,
    sumsToOne: () => false,
    directed: () => true,
    keepsPrefixes: ({ inner: of }) => inner.keepsPrefixes?.(of) ?? true,
    scoreScale: () => null,
    // What a layer is compared with is the layer of what its heads approximate: their own fidelity says how far.
    yardstick: () => null,
    ...(choices !== undefined && {
      choices: (layer: Layer, shape: Shape) =>
        Object.fromEntries(
          Object.entries(choices(layer.inner, shapeOfHeads(layer, shape))).map(([name, { rows, perRow }]) => [
            name,
            { rows: layer.heads * rows, perRow },
          ]),
        ),
    }),
    ...(limited !== undefined && {
      // The rows of its heads: what is added to them remains.
      limited: (layer: Layer, stretch: number, kept: (index: number) => boolean) => ({
        ...layer,
        inner: limited(layer.inner, stretch, kept),
      }),
    }),
    oracle: (problem) => layerOracle(problem, inner),
    ...(inner.gradient !== undefined && { gradient: layerGradient(inner, inner.gradient) }),
    ...(inner.whyNoGradient !== undefined && { whyNoGradient: inner.whyNoGradient }),
    sweeps: true,
    // Of queries those alone are multiplied that are asked for, where that is all that rows read.
    oracleProducts: ({ rows, heads, length, headDim, ...asked }) =>
      (heads * (inner.readsOwnQuery === true ? 2 : 3) * length + rows) * headDim ** 2 +
      inner.oracleProducts({ rows, heads, length, headDim, ...asked }),
    laws: layerLaws,
  };
}

/** Any token may be read where heads read different ones, or squares of pixels. */
function patternOf({ heads, pool }: Layer, inner: Pattern): Pattern {
  if (pool === null && (!inner.perHead || heads === 1)) return inner;
  const { neverCausal, neverDecoded, whyNot, imageWidth } = inner;
  return {
    ...everything(),
    text: inner.text,
    ...(neverCausal !== undefined && { neverCausal }),
    ...(neverDecoded !== undefined && { neverDecoded }),
    ...(whyNot !== undefined && { whyNot: whyNot.bind(inner) }),
    ...(imageWidth !== undefined && { imageWidth }),
    ...(pool !== null && { neverCausal: true }),
  };
}

function whyNotLayer(layer: Layer, call: Shape, inner: Kind<Mechanism>): string | null {
  const { heads: callHeads, headDim: modelDim } = call;
  if (callHeads !== 1) {
    return `a layer takes rows of whole tokens, one head as wide as they are, got ${callHeads} heads; omit --heads`;
  }
  if (layer.whyNot !== undefined) return layer.whyNot;
  const { positions, made, pool } = layer;
  const uneven = [layer.headDim, layer.valueDim].find(
    (one) => typeof one !== "number" && modelDim % one.tokenOver !== 0,
  );
  if (typeof uneven === "object") {
    return `its heads are as wide as a token over ${uneven.tokenOver}, so its width must be a multiple of ${uneven.tokenOver}, got ${modelDim}`;
  }
  const added = [positions.queries, positions.keys].some((one) => one?.scheme === "2d-sine");
  if (added && modelDim % 2 !== 0) return `2d-sine needs an even width of a token, got ${modelDim}`;
  const wide = (name: TensorName) => widthOf(layer, name, call);
  const unfit = QKV.find((name) => made[name] === "tokens" && wide(name) !== modelDim);
  if (unfit !== undefined) return `its heads take tokens ${wide(unfit)} wide, got ${modelDim}`;
  const shape = shapeOfHeads(layer, call);
  if (pool !== null && shape.length < 1) {
    return `its keys are squares of 2 × 2 pixels, and there are none in ${call.length} pixels, ${rowOf(pool, call.length)} in a row; ask for a longer length`;
  }
  const unfree = whyNotShape(shape, inner.freedoms);
  if (unfree !== null) return `${inner.words ?? inner.id}: ${unfree}`;
  return inner.whyNotShape?.(layer.inner, shape) ?? null;
}
