import { isSynthesizer, type Synthesizer } from "../../mechanisms/synthesizer/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareLearnedTable } from "./learned-table-kernel.ts";
import type { Means } from "./means.ts";
import { prepareSynthesizerSteps } from "./synthesizer-stepper.ts";
import { prepareTableAttention } from "./table-attention.ts";

/** Synthesizers: a softmax over the rows of a table, or attention whose queries and keys are tables. */
export const synthesizer: Ability<Synthesizer, Means> = {
  is: isSynthesizer,
  prepare: (problem, { output }) =>
    problem.mechanism.logits.kind === "table"
      ? prepareLearnedTable(problem, output)
      : prepareTableAttention(problem, problem.mechanism.logits, output),
  decode: {
    prepare: (task, _means, weights) => prepareSynthesizerSteps(task, task.mechanism.logits, weights),
  },
};
