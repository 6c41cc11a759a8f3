import type { Task } from "../../core/problem.ts";
import { type AttentionInputs, tensorNamed } from "../../core/tensors.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../pairwise/bind-biases.ts";
import { vectorsOf } from "../../pairwise/score.ts";
import type { Weights } from "../stepper.ts";
import type { Workspace } from "../workspace.ts";
import { PairBias } from "./pair-bias.ts";
import { Rotation } from "./rotation.ts";
import { type HeadScores, learnedScores, productScores } from "./scores.ts";

/** The forms of a mechanism, ready for tiles and steps. */
export interface PreparedForms {
  /** How the scores of each head are made. */
  readonly scores: readonly HeadScores[];
  /** The learned vectors of each head's scores, by name; as they stood when last refreshed. */
  readonly vectors: ReadonlyArray<Readonly<Record<string, Float64Array>>>;
  readonly bias: PairBias | null;
  readonly rotation: Rotation | null;
  /** The position of the first query. */
  readonly firstQuery: number;
  /** Operations of a pair's score. */
  readonly pairFlops: number;
  /** Operations of rows of q, and of rows of k that so many heads read. */
  rowFlops(queries: number, keys: number, heads: number): number;
  /** Takes in what was learned, as it now stands. */
  refresh(): void;
}

/** The same for a call, which finds what was learned among its inputs. */
export function prepareForms(
  task: Task & { readonly inputs: AttentionInputs },
  mechanism: SoftmaxPattern,
  workspace: Workspace,
): PreparedForms {
  return formsBy(task, mechanism, workspace, (name) => tensorNamed(task.inputs, name));
}

/** The same for a stepper, which is given what was learned. */
export function prepareStepForms(
  task: Task,
  mechanism: SoftmaxPattern,
  workspace: Workspace,
  weights: Weights,
): PreparedForms {
  return formsBy(task, mechanism, workspace, (name) => weights[name]);
}

function formsBy(
  { shape, causal }: Task,
  mechanism: SoftmaxPattern,
  workspace: Workspace,
  learned: (name: string) => Float32Array,
): PreparedForms {
  const { heads, headDim, length, queries } = shape;
  const { score, bias, turn } = mechanism;
  const names = Object.keys(vectorsOf(score));
  const vectors = Array.from({ length: heads }, () =>
    Object.fromEntries(names.map((name) => [name, workspace.float64(headDim)])),
  );
  const scores = vectors.map((own) =>
    score === undefined ? productScores(scaleOf(mechanism, headDim)) : learnedScores(score, own),
  );
  const added = bias === undefined ? null : new PairBias(bias, shape, causal, workspace);
  return {
    scores,
    vectors,
    bias: added,
    rotation:
      turn === undefined
        ? null
        : new Rotation(turn, headDim, Math.min(0, length - queries), length, workspace),
    firstQuery: length - queries,
    pairFlops: scores[0].pairFlops(headDim) + (bias === undefined ? 0 : 1),
    rowFlops(ofQueries, keys, readers) {
      const turning = turn === undefined ? 0 : 3 * headDim * (ofQueries + keys);
      return turning + (score?.kind === "split" ? 2 * headDim * (ofQueries + readers * keys) : 0);
    },
    refresh() {
      for (const name of names) {
        const all = learned(name);
        for (const [head, own] of vectors.entries()) {
          own[name].set(all.subarray(head * headDim, (head + 1) * headDim));
        }
      }
      if (bias?.table !== undefined) added?.refresh(learned(BIAS_TABLE));
    },
  };
}
