import { isRecurrence, type Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { decaysOf } from "./decays.ts";
import type { Twin, TwinInputs, TwinKind, TwinTask } from "./twin.ts";
import { solveUnitLower } from "./unit-lower.ts";

/** What is added to the squared length of a row. */
const UNIT_EPSILON = 1e-6;

/**
 * A recurrence as sums over the tokens before: what token j wrote, `w_j`, is read by token i through what is left of it,
 * `out_i = scale Σ_j (q_i·k_j, decayed) w_j`. Without erasure `w_j = β_j v_j`; with it w solves a triangular system, because
 * each token takes away what it finds. Yang et al. 2024, arXiv 2406.06484, sec. 3.2.
 */
export const recurrenceTwin: TwinKind<Recurrence> = {
  is: isRecurrence,
  whyNot({ decay, write, erase }) {
    if (erase === "before-decay")
      return "erases from its state before the decay, of which no twin is written";
    if (write.form === "logistic" || write.form === "step")
      return "makes its rates of keys; its twin takes them as they are given";
    if ("stream" in decay && write.form !== "given-step") {
      return "makes its decays of keys; its twin takes them as they are given";
    }
    return null;
  },
  twin,
};

function twin(arrays: Arrays, task: TwinTask<Recurrence>): Twin {
  const { unit, erase, bonus, skip, scale } = task.mechanism;
  const factor = scale ?? 1 / Math.sqrt(task.shape.headDim);
  return (inputs) => {
    const [q, k] = [inputs.q, inputs.k].map((x) => (unit === "both" ? unitRows(x) : x));
    const { v } = inputs;
    const decays = decaysOf(arrays, task, inputs);
    const rates = ratesOf(task.mechanism, inputs);
    const given = rates === null ? v : v.mul(rates);
    const written = (): Tensor => {
      if (erase === null) return given;
      const found = decays.products(rates === null ? k : k.mul(rates), k, { own: false, before: false });
      return solveUnitLower(arrays, found, given);
    };
    const seen = { own: bonus === null, before: bonus !== null };
    const read = decays.products(q, k, seen).matmul(written());
    const own = bonus === null ? read : read.add(q.mul(k).sum(-1).mul(bonus).mul(v));
    const out = own.mul(factor);
    return skip === 0 ? out : out.add(v.mul(skip));
  };
}

function unitRows(x: Tensor): Tensor {
  return x.div(x.mul(x).sum(-1).add(UNIT_EPSILON).sqrt());
}

/** β, `[batch, heads, length, 1]`; null if it is 1. */
function ratesOf({ write }: Recurrence, { named }: TwinInputs): Tensor | null {
  switch (write.form) {
    case "given":
      return named.beta;
    case "given-step":
      return named.dt;
    case "one":
      return null;
    default:
      throw new TypeError(`recurrence: its twin takes rates as they are given, got ${write.form}`);
  }
}
