import { type Aft, isAft } from "../../mechanisms/aft/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareAft } from "./aft-kernel.ts";
import { prepareAftSimple } from "./aft-simple-kernel.ts";
import { prepareAftSteps } from "./aft-stepper.ts";
import { whyTooWide } from "./fits.ts";
import { MOST_HEAD_DIM } from "./layout.ts";
import type { Means } from "./means.ts";

/** Attention-free transformers: blocks of rows where positions have biases, a scan where they have none. */
export const aft: Ability<Aft, Means> = {
  is: isAft,
  whyNot({ mechanism: { biases }, shape }) {
    const wide = whyTooWide(shape);
    if (wide !== null || biases === null || biases.rank <= MOST_HEAD_DIM) return wide;
    return `tables of positions must have at most ${MOST_HEAD_DIM} columns, got ${biases.rank}`;
  },
  prepare(problem, means) {
    const { biases } = problem.mechanism;
    return biases === null ? prepareAftSimple(problem, means) : prepareAft(problem, biases, means);
  },
  decode: {
    whyNot: ({ mechanism: { biases }, shape }) =>
      biases === null
        ? whyTooWide(shape)
        : "of attention-free transformers it decodes those without biases of positions; js decodes the others",
    prepare: (task, { build }) => prepareAftSteps(task, build),
  },
};
