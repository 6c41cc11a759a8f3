import { elementCount } from "../../core/shape.ts";
import type { AttentionInputs, Numbers } from "../../core/tensors.ts";
import { fullOracle } from "../full-oracle.ts";
import type { Yardstick } from "../yardstick.ts";
import type { Trigonometric } from "./declare.ts";

/**
 * Softmax of q̂·k̂/τ², which random trigonometric features approximate: the rows of q and k have length 1.
 * Peng et al. 2021, arXiv 2103.02143, eq. 5.
 */
export function unitRows({ tau }: Trigonometric): Yardstick {
  return {
    text: `full attention of q and k of length 1 at τ = ${tau}`,
    oracle(problem, call) {
      const { inputs } = problem;
      const unit = { ...inputs, q: ofUnitLength(inputs, "q"), k: ofUnitLength(inputs, "k") };
      return fullOracle({ ...problem, inputs: unit }, { ...call, scale: tau ** -2 });
    },
  };
}

function ofUnitLength(inputs: AttentionInputs<Numbers>, name: "q" | "k"): Numbers {
  const { headDim } = inputs.shape;
  // A call's own are rounded as a kernel would have them.
  const make = inputs[name] instanceof Float32Array ? Float32Array : Float64Array;
  const rows = new make(elementCount(inputs.shape, name));
  for (let from = 0; from < rows.length; from += headDim) {
    let squares = 0;
    for (let at = from; at < from + headDim; at++) squares += inputs[name][at] ** 2;
    // As the features have it.
    const length = Math.sqrt(squares + 1e-6);
    for (let at = from; at < from + headDim; at++) rows[at] = inputs[name][at] / length;
  }
  return rows;
}
