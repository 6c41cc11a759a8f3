import { firstDifference, type Law, problemOf } from "./law.ts";

/** A kernel keeps nothing from call to call: the same inputs give the same bits. */
export const deterministic: Law = {
  title: "the same call twice gives the same bits",
  applies: () => true,
  async check(subject) {
    const problem = problemOf(subject);
    const once = await subject.output(problem);
    const again = await subject.output(problem, 2);
    const at = firstDifference(once, again, 0, once.length);
    return at < 0 ? null : `element ${at}: ${once[at]} the first time, ${again[at]} the second`;
  },
};
