import { whyNotShape } from "../../core/shape.ts";
import { type Cell, isCell } from "../../mechanisms/cell/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareCell } from "./cell-kernel.ts";
import { prepareCellSteps } from "./cell-stepper.ts";
import type { Means } from "./means.ts";

/** Recurrent cells, token by token. */
export const cell: Ability<Cell, Means> = {
  is: isCell,
  whyNot: ({ shape }) => whyNotShape(shape),
  prepare: (problem, { output }) => prepareCell(problem, problem.mechanism, output),
  decode: {
    whyNot: ({ shape }) => whyNotShape(shape),
    prepare: (task, _means, weights) => prepareCellSteps(task, task.mechanism, weights),
  },
};
