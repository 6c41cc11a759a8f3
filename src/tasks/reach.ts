import { randomStream } from "../core/random.ts";
import { holds, type Known, knowing, spread, through, unionOf } from "./known-tokens.ts";
import type { BoundTask, Examples, ModelSizes } from "./task.ts";

/** Whether a head's mask lets a query read a key; of a cross attention, an output read a token of the source. */
export type Attends = (head: number, query: number, key: number) => boolean;

/** What a mask lets be known. */
export interface Reach {
  /**
   * The share of answers all of whose needed tokens can reach them through all layers: an asked token, the mean over
   * tokens, or an output. Of outputs whose length is decided, the share of examples of which all answers can.
   */
  readonly reach: number;
  /** The same through one layer alone. */
  readonly directReach: number;
  /**
   * Of one label for the sequence, the share of examples of which some token can know all that is needed, through all
   * layers; null for other outputs. It bounds nothing, as the mean reads every token.
   */
  readonly meeting: number | null;
  /** What accuracy the mask allows at most; null where no bound is known. */
  readonly ceiling: number | null;
}

/** Examples of which the shares are. */
const EXAMPLES = 512;

/**
 * What a model with these masks can know, as tokens that flow: before a layer a token knows itself; within it q, k and v
 * of a token have what the `convolution` tokens up to it know, a query that reads any key takes in its own q and what
 * the keys' k and v have, through any head, and the residual connection keeps what it knew. An attention may let less
 * through than its mask, never more. No query of a causal task reads what comes after it, whatever `attends` says.
 *
 * `crossAttends` is the mask of the cross attention, of tasks whose answers the model decides: everything if omitted.
 * The attention among outputs is left out, since they know of no more than was answered.
 */
export function reachOf(
  task: BoundTask,
  attends: Attends,
  heads: number,
  { layers, convolution }: Pick<ModelSizes, "layers" | "convolution">,
  examplesSeed: number,
  crossAttends: Attends = () => true,
): Reach {
  const { length, causal } = task;
  const rows = Array.from({ length }, (_, row) => row);
  const reads = rows.map((query) =>
    rows.filter((key) => (!causal || key <= query) && anyHead(heads, attends, query, key)),
  );
  const first = knowing(length);
  const one = through(first, reads, convolution);
  let all = first;
  for (let layer = 0; layer < layers; layer++) all = through(all, reads, convolution);
  const examples = task.draw(randomStream(examplesSeed), EXAMPLES);
  switch (task.output.kind) {
    case "asked": {
      const reach = askedReach(examples, all);
      const directReach = askedReach(examples, one);
      return { reach, directReach, meeting: null, ceiling: reach + (1 - reach) * task.chance };
    }
    case "sequence":
      return { reach: 1, directReach: 1, meeting: meetingShare(examples, all), ceiling: 1 };
    case "decided": {
      const outputs = Array.from({ length: task.output.most }, (_, output) =>
        rows.filter((key) => anyHead(heads, crossAttends, output, key)),
      );
      const reach = decidedReach(examples, unionOf(spread(all, convolution), outputs));
      const directReach = decidedReach(examples, unionOf(spread(first, convolution), outputs));
      return { reach, directReach, meeting: null, ceiling: reach === 1 ? 1 : null };
    }
    default:
      return task.output satisfies never;
  }
}

function anyHead(heads: number, attends: Attends, query: number, key: number): boolean {
  for (let head = 0; head < heads; head++) if (attends(head, query, key)) return true;
  return false;
}

/** The share of answers whose asked token knows what they need. */
function askedReach({ positions, needs, needed }: Examples, known: Known): number {
  return shareOf(positions.length, (answer) =>
    needs
      .subarray(answer * needed, (answer + 1) * needed)
      .every((token) => holds(known, positions[answer], token)),
  );
}

/** The share of examples of which each output knows what its answer needs. */
function decidedReach({ count, answers, needs, needed }: Examples, known: Known): number {
  const outputs = answers.length / count;
  return shareOf(count, (example) => {
    const own = needs.subarray(example * outputs * needed, (example + 1) * outputs * needed);
    return own.every((token, at) => holds(known, Math.floor(at / needed), token));
  });
}

/** The share of examples of which some token knows all that is needed. */
function meetingShare({ count, needs, needed }: Examples, known: Known): number {
  return shareOf(count, (example) => {
    const own = needs.subarray(example * needed, (example + 1) * needed);
    for (let row = 0; row < known.rows; row++)
      if (own.every((token) => holds(known, row, token))) return true;
    return false;
  });
}

function shareOf(count: number, holdsFor: (index: number) => boolean): number {
  let found = 0;
  for (let index = 0; index < count; index++) if (holdsFor(index)) found++;
  return found / count;
}
