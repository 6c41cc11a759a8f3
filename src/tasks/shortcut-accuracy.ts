import { randomStream } from "../core/random.ts";
import type { BoundTask, Examples, Shortcut } from "./task.ts";

/** Examples by which a shortcut is learned, and those that it is tried on. */
const LEARNED = 10_000;
const TRIED = 5000;

/**
 * The share of examples whose label is the one that was the most frequent, in other examples, for what a shortcut reads of
 * them. Of tasks that ask one label of the whole.
 */
export function shortcutAccuracy(task: BoundTask, { read }: Shortcut): number {
  const seen = new Map<string, Int32Array>();
  for (const { tokens, answer } of eachOf(task, task.draw(randomStream(1), LEARNED))) {
    const key = read(tokens);
    const counts = seen.get(key) ?? new Int32Array(task.output.labels);
    counts[answer]++;
    seen.set(key, counts);
  }
  let right = 0;
  for (const { tokens, answer } of eachOf(task, task.draw(randomStream(2), TRIED))) {
    const counts = seen.get(read(tokens));
    if ((counts?.indexOf(Math.max(...counts)) ?? 0) === answer) right++;
  }
  return right / TRIED;
}

function* eachOf({ length }: BoundTask, { tokens, answers, count }: Examples) {
  for (let at = 0; at < count; at++) {
    yield { tokens: tokens.subarray(at * length, (at + 1) * length), answer: answers[at] };
  }
}
