import type { RandomStream } from "../../src/core/random.ts";
import type { BoundTask } from "../../src/tasks/task.ts";

/** An example by itself. */
export interface OneExample {
  /** Symbols, or the numbers of all vectors. */
  readonly tokens: readonly number[];
  readonly answers: readonly number[];
  readonly positions: readonly number[];
  /** Of each answer, the tokens that it needs. */
  readonly needs: readonly (readonly number[])[];
}

/** Examples one by one, read by what the interface says of their layout. */
export function examplesOf(task: BoundTask, random: RandomStream, count: number): readonly OneExample[] {
  const { tokens, answers, positions, needs, needed, count: drawn } = task.draw(random, count);
  const part = (whole: ArrayLike<number>, example: number) => {
    const size = whole.length / drawn;
    return Array.from({ length: size }, (_, at) => whole[example * size + at]);
  };
  return Array.from({ length: drawn }, (_, example) => {
    const needsOf = part(needs, example);
    const answersOf = part(answers, example);
    return {
      tokens: part(tokens, example),
      answers: answersOf,
      positions: part(positions, example),
      needs: answersOf.map((_, at) =>
        needsOf.slice(at * needed, (at + 1) * needed).filter((one) => one >= 0),
      ),
    };
  });
}
