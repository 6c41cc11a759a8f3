import type { Mechanism } from "../../../core/mechanism.ts";
import type { Task } from "../../../core/problem.ts";
import { QKV } from "../../../core/shape.ts";
import type { TensorSpecs } from "../../../core/tensor-spec.ts";
import type { GradientKind } from "../../gradient/gradient-kind.ts";
import { writtenBytes } from "../../gradient/written.ts";
import type { AskedRows, Kind } from "../../kind.ts";
import { LAYER_POSITIONS, type Layer, taskOfHeads, widthOf } from "../declare.ts";
import { layerInputs } from "../inputs.ts";
import { layerGradientOracle, TRIES } from "./oracle.ts";

/**
 * The gradient of a layer around heads that have one: of its tokens through q, k and v, of its weights and biases, of
 * positions that are learned, of γ, and of what its heads have learned.
 */
export function layerGradient(inner: Kind<Mechanism>, gradient: GradientKind): GradientKind<Layer> {
  const whyNot = gradient.whyNot?.bind(gradient);
  const through = gradient.through?.bind(gradient);
  return {
    ...(whyNot !== undefined && { whyNot: ({ inner: of }: Layer) => whyNot(of) }),
    ...(through !== undefined && { through: ({ inner: of }: Layer) => through(of) }),
    also: (layer) => [...Object.keys(trainedInputs(layer)), ...(gradient.also?.(layer.inner) ?? [])],
    sumsQueries: ({ inner: of }) => gradient.sumsQueries?.(of) === true,
    oracle: (problem) => layerGradientOracle(problem, inner, gradient),
    work(task) {
      const { usefulFlops, selectFlops } = gradient.work(taskOfHeads(task));
      const projectFlops =
        2 * QKV.reduce((sum, name) => sum + productFlops(task, name), productFlops(task, "output"));
      return {
        pairs: null,
        usefulFlops: projectFlops + usefulFlops,
        ...(selectFlops !== undefined && { selectFlops }),
        projectFlops,
      };
    },
    // Where each query reads one key, nothing reaches q and k: what reaches v is left.
    leastWork: (task) => ({
      flops:
        LEAST_OF_PRODUCT * 2 * (productFlops(task, "v") + productFlops(task, "output")) +
        gradient.leastWork(taskOfHeads(task)).flops,
      bytes: writtenBytes(task, trainedInputs(task.mechanism)),
    }),
    oracleProducts: (asked) => oracleProducts(asked, inner, gradient),
  };
}

/** Three levels of Strassen's recursion leave two thirds of a product (Strassen 1969). */
const LEAST_OF_PRODUCT = (7 / 8) ** 3;

function productFlops({ mechanism, shape }: Task<Layer>, name: (typeof QKV)[number] | "output"): number {
  if (name !== "output" && mechanism.made[name] !== "product") return 0;
  const { batch, queries, length, headDim: modelDim } = shape;
  const rows = name === "k" || name === "v" ? length : queries;
  return 2 * batch * rows * modelDim * widthOf(mechanism, name, shape);
}

/** What a layer has learned besides what its heads have: positions that a formula gives are not. */
function trainedInputs(layer: Layer): TensorSpecs {
  const { queries, keys } = layer.positions;
  const given = [
    ...(queries?.scheme === "learned" ? [] : [LAYER_POSITIONS.queries]),
    ...(keys?.scheme === "learned" ? [] : [LAYER_POSITIONS.keys]),
  ];
  return Object.fromEntries(
    Object.entries(layerInputs(layer)).filter(([name]) => !given.some((one) => one === name)),
  );
}

/** Every row of the heads, whatever is asked for: weights sum over all of them. */
function oracleProducts(asked: AskedRows, inner: Kind<Mechanism>, gradient: GradientKind): number {
  const { heads, length, headDim } = asked;
  const every = heads * length;
  const ofHeads = { ...asked, rows: 3 * every, summed: 2 * every, along: every };
  const once =
    4 * 3 * every * headDim ** 2 +
    gradient.oracleProducts(ofHeads) +
    inner.oracleProducts({ ...asked, rows: every });
  return (1 + TRIES) * once;
}
