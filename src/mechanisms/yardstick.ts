import type { CallSettings } from "../core/call-settings.ts";
import type { Mechanism } from "../core/mechanism.ts";
import type { ExactProblem } from "../core/problem.ts";
import { fullOracle } from "./full-oracle.ts";
import type { Oracle } from "./oracle.ts";

/** What a mechanism approximates: what its fidelity is measured against. */
export interface Yardstick<M extends Mechanism = Mechanism> {
  /** In words that follow "against". On the same inputs by the same call, equal words mean equal rows. */
  readonly text: string;
  /** Its rows on a problem's inputs, with the arguments of the call. */
  oracle(problem: ExactProblem<M>, call: CallSettings): Oracle;
}

/** Full softmax attention of the same q, k and v. */
export const FULL_ATTENTION: Yardstick = { text: "full attention", oracle: fullOracle };
