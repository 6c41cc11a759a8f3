import { whyNotShape } from "../../core/shape.ts";
import { type Cell, isCell } from "../../mechanisms/cell/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareCell } from "./cell-kernel.ts";
import { prepareCellSteps } from "./cell-stepper.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";

/** Recurrent cells: the tokens of a head one after the other, heads and batch entries side by side. */
export const cell: Ability<Cell, Means> = {
  is: isCell,
  whyNot: ({ shape }) => whyNotShape(shape) ?? whyTooWide(shape),
  prepare: (problem, means) => prepareCell(problem, problem.mechanism, means),
  decode: {
    whyNot: ({ shape }) => whyNotShape(shape) ?? whyTooWide(shape),
    prepare: (task, { build }, weights) => prepareCellSteps(task, task.mechanism, build, weights),
  },
};
