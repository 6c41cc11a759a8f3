import { OUT } from "../../../core/outputs.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import { outputsOf } from "../../outputs.ts";
import { DOUT } from "../declare.ts";
import { changedRow, ownProblem } from "./gradient-problem.ts";

/** A power of two: whatever is linear in it is as many times as large, to the bit. */
const TIMES = -4;

/** A gradient is linear in what it is taken along. */
export const linearInDout: Law = {
  title: "along -4 times dout every gradient is -4 times as large, to the bit",
  applies: () => true,
  async check(subject) {
    const clean = await subject.output(problemOf(subject));
    const problem = ownProblem(subject);
    const dout = tensorNamed(problem.inputs, DOUT);
    for (const [at, x] of dout.entries()) dout[at] = TIMES * x;
    const output = (await subject.output(problem)).map((x) => x / TIMES);
    const isGradient = ({ tensor = OUT }) => tensor !== OUT;
    return changedRow(
      outputsOf(problem),
      [clean, output],
      isGradient,
      `along ${TIMES} times dout, divided by that`,
    );
  },
};
