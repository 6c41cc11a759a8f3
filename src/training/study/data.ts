import { hashText, type RandomStream, randomStream } from "../../core/random.ts";
import type { BoundTask, Examples } from "../../tasks/task.ts";

/**
 * The streams that examples are drawn from. All runs of a task are looked at on the same validation and test examples, which no
 * seed of training draws; two variants that are trained by one seed see the same batches in the same order.
 */
export function trainingStream(task: string, seed: number): RandomStream {
  return randomStream(hashText("training"), hashText(task), seed);
}

/** Examples by which rates are chosen, and learning is looked at on the way. */
export function validationExamples(task: BoundTask, name: string, count: number): Examples {
  return task.draw(randomStream(hashText("validation"), hashText(name)), count);
}

/** Examples that are looked at once, after training. */
export function testExamples(task: BoundTask, name: string, count: number): Examples {
  return task.draw(randomStream(hashText("test"), hashText(name)), count);
}
