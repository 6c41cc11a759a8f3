import type { Call } from "../call.ts";
import { STEP, STEP_KIND, STEP_WORDS } from "../layout.ts";
import type { MachineStep, StepWord } from "./machine-step.ts";
import type { PlannedMatrix } from "./matrices.ts";

/** Writes the words of steps into a place of a call's memory. */
export function writeSteps(
  call: Call,
  planned: number,
  steps: readonly MachineStep[],
  addressOf: (matrix: PlannedMatrix) => number,
): void {
  const start = call.place(planned);
  const integers = call.arena.integers(start, steps.length * STEP_WORDS);
  const floats = call.arena.floats(start, steps.length * STEP_WORDS);
  const write = (at: number, word: StepWord): void => {
    if (typeof word === "number") integers[at] = word;
    else if ("float" in word) floats[at] = word.float;
    else if ("place" in word) integers[at] = call.place(word.place);
    else integers[at] = word.matrix === undefined ? 0 : addressOf(word.matrix);
  };
  integers.fill(0);
  for (const [index, { kind, words }] of steps.entries()) {
    const first = index * STEP_WORDS;
    const { others = [], each = {}, ...named } = words;
    integers[first + STEP.kind] = STEP_KIND[kind];
    for (const [name, word] of Object.entries(named)) write(first + STEP[name as keyof typeof named], word);
    for (const [name, list] of Object.entries(each)) {
      for (const [at, word] of list.entries()) write(first + STEP[name as keyof typeof each] + at, word);
    }
    for (const [other, { values, to }] of others.entries()) {
      write(first + STEP.values + 1 + other, { matrix: values });
      write(first + STEP.to + 1 + other, { matrix: to });
    }
  }
}
