import type { TensorSpecs } from "../../../core/tensor-spec.ts";
import type { GradientKind } from "../../gradient/gradient-kind.ts";
import { writtenBytes } from "../../gradient/written.ts";
import { disturbedPaths } from "../../swept-heads.ts";
import type { Summary } from "../declare.ts";
import { leastWork } from "../least.ts";
import { work } from "../work.ts";
import { summaryGradientOracle } from "./oracle.ts";

/**
 * The gradient of a chain, from its last step back to its first. Where rows are put into clusters it is taken through the
 * clusters that there are, and through the keys that are best for them.
 */
export const summaryGradient: GradientKind<Summary> = {
  through: decidedIn,
  also: (mechanism) => Object.keys(learnedOf(mechanism)),
  sumsQueries: () => true,
  oracle: summaryGradientOracle,
  work: (task) => ({ pairs: null, usefulFlops: 2 * work(task).usefulFlops }),
  // Every step that the output needs has a factor on the way back, as large as the one it was multiplied by.
  leastWork: (task) => ({
    flops: leastWork(task).flops,
    bytes: writtenBytes(task, learnedOf(task.mechanism)),
  }),
  // Each step forwards and back, exactly and in each try.
  oracleProducts: ({ heads, length, headDim, usefulFlops }) =>
    (1 + disturbedPaths(headDim)) * heads * length * 2 * usefulFlops,
};

/** What steps decide that a gradient is taken through. */
function decidedIn({ chain }: Summary): string | null {
  const steps = chain(USUAL);
  if (!steps.some(({ step }) => step === "clusters")) return null;
  const chooses = steps.some((step) => step.step === "spread" && step.improved !== undefined);
  return chooses
    ? "through the clusters and the keys that were chosen"
    : "through the clusters that were made";
}

/** Any shape: which steps there are follows from the mechanism. */
const USUAL = { queries: 64, length: 64, headDim: 8, valueDim: 8, causal: false, scale: 1 };

/** What clusters are decided by has no gradient; all else that the layer learns has one. */
function learnedOf({ inputs, chain }: Summary): TensorSpecs {
  const deciding = chain(USUAL).flatMap((step) =>
    step.step === "clusters" ? [step.planes, step.starts] : [],
  );
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !deciding.includes(name)));
}
