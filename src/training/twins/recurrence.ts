import { isRecurrence, type Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { decaysOf } from "./decays.ts";
import type { Seen } from "./log-decays.ts";
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
  whyNot({ decay, write }) {
    if ((write.form === "logistic" && write.per === "token") || write.form === "step") {
      return "makes its rates of keys; its twin takes them as they are given";
    }
    if ("stream" in decay && write.form !== "given-step") {
      return "makes its decays of keys; its twin takes them as they are given";
    }
    return null;
  },
  twin,
};

/** What a token writes is read by later ones through what is left of it. */
const EARLIER: Seen = { own: false, before: false };
const WITH_OWN: Seen = { own: true, before: false };
/** The same of what a token finds before it decays. */
const UNDECAYED: Seen = { own: false, before: true };

function twin(arrays: Arrays, task: TwinTask<Recurrence>): Twin {
  const { unit, erase, bonus, skip, scale } = task.mechanism;
  const factor = scale ?? 1 / Math.sqrt(task.shape.headDim);
  return (inputs) => {
    const [q, k] = [inputs.q, inputs.k].map((x) => (unit === "both" ? unitRows(x) : x));
    const { v } = inputs;
    const decays = decaysOf(arrays, task, inputs);
    const rates = ratesOf(task.mechanism, inputs);
    const rated = (x: Tensor): Tensor => (rates === null ? x : x.mul(rates));
    const key = rated(k);
    const seen = bonus === null ? WITH_OWN : UNDECAYED;
    const readOut = (): Tensor => {
      switch (erase) {
        case null:
          return decays.products(q, key, seen).matmul(v);
        case "after-decay": {
          const found = decays.products(k, key, EARLIER);
          return decays.products(q, key, seen).matmul(solveUnitLower(arrays, found, v));
        }
        case "before-decay": {
          // What a token finds, of what was written less what was taken away, is taken away by a key of its own.
          const erasing = unit === null ? k : unitRows(k);
          const taken = rated(erasing);
          const written = decays.products(erasing, key, UNDECAYED).matmul(v);
          const found = solveUnitLower(arrays, decays.products(erasing, taken, UNDECAYED), written);
          return decays
            .products(q, key, seen)
            .matmul(v)
            .sub(decays.products(q, taken, seen).matmul(found));
        }
        default:
          return erase satisfies never;
      }
    };
    const read = readOut();
    const own = bonus === null ? read : read.add(q.mul(k).sum(-1).mul(bonus).mul(v));
    const out = own.mul(factor);
    return skip === 0 ? out : out.add(v.mul(skip));
  };
}

function unitRows(x: Tensor): Tensor {
  return x.div(x.mul(x).sum(-1).add(UNIT_EPSILON).sqrt());
}

/** β, `[batch, heads, length, 1]`, or of each channel of the keys; null if it is 1. */
function ratesOf({ write }: Recurrence, { k, named }: TwinInputs): Tensor | null {
  switch (write.form) {
    case "given":
      return named.beta;
    case "given-step":
      return named.dt;
    case "logistic":
      // σ is stable on both sides as e^-softplus(-x).
      return k.matmul(named.write.transposed()).mul(-1).softplus().mul(-1).exp();
    case "one":
      return null;
    default:
      throw new TypeError(`recurrence: its twin takes rates as they are given, got ${write.form}`);
  }
}
