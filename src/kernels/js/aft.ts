import { type Aft, isAft } from "../../mechanisms/aft/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareAft } from "./aft-kernel.ts";
import { prepareAftSimple } from "./aft-simple-kernel.ts";
import { prepareAftSteps } from "./aft-stepper.ts";
import type { Means } from "./means.ts";

/** Attention-free transformers: blocks of rows where positions have biases, sums where they have none. */
export const aft: Ability<Aft, Means> = {
  is: isAft,
  prepare(problem, { output }) {
    const { biases } = problem.mechanism;
    return biases === null ? prepareAftSimple(problem, output) : prepareAft(problem, biases, output);
  },
  decode: { prepare: (task, _means, weights) => prepareAftSteps(task, task.mechanism, weights) },
};
