import { elementCount } from "../../../src/core/shape.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel } from "../../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { callGreenAgain } from "../../../src/verify/call-green-again.ts";
import { type GreenCase, prepareCase, type RedCase } from "../../../src/verify/prepare-case.ts";
import { gateRows } from "../../../src/verify/rows.ts";

/** What verification says of a kernel on a problem, beside plain TypeScript. */
async function atGate(problem: JudgedProblem, kernel: Kernel): Promise<GreenCase | RedCase> {
  return await prepareCase(problem, kernel, {
    places: gateRows(problem.shape, 1),
    fullRows: null,
    seed: 1,
    output: guardedOutput(elementCount(problem.shape, "output")),
    second: js,
    now: () => performance.now() / 1000,
  });
}

/** Rounds after verification, and samples of each. */
const ROUNDS = 3;
const SAMPLES = 3;

/** What becomes of a kernel at the gate and in some rounds: null where it stays green, or why not. */
export async function faultOf(problem: JudgedProblem, kernel: Kernel): Promise<string | null> {
  const result = await atGate(problem, kernel);
  if (result.outcome !== "green") return result.reason;
  const { elsewhere, runnable } = result;
  if (elsewhere === null) throw new TypeError(`${kernel.id} computes here`);
  try {
    const again = await callGreenAgain(kernel, result, problem.kind.leastWork(problem), 1);
    if (again.fault !== null) return again.fault;
    for (let round = 0; round < ROUNDS; round++) {
      result.begin(SAMPLES);
      for (let sample = 0; sample < SAMPLES; sample++) await elsewhere.sample(2);
      const wrong = elsewhere.untold() ?? (await result.verify()) ?? (await result.recheck());
      if (wrong !== null) return wrong;
    }
    return null;
  } finally {
    runnable.dispose();
  }
}
