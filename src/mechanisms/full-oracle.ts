import type { CallSettings } from "../core/call-settings.ts";
import type { ExactProblem } from "../core/problem.ts";
import type { Oracle } from "./oracle.ts";
import { softmaxOracle } from "./softmax-pattern/oracle.ts";
import { fullUnder } from "./softmax-pattern/under-call.ts";

/**
 * Full softmax attention on a problem's inputs, with these call settings: what fidelity is measured against.
 */
export function fullOracle(problem: ExactProblem, call: CallSettings = {}): Oracle {
  return softmaxOracle({ ...problem, mechanism: fullUnder(call) });
}
