import type { Choice } from "../../core/choice.ts";
import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { choiceSpecs, NSA_GATES, type Nsa, type Selection } from "../../mechanisms/selection/declare.ts";
import { eachToken } from "../decode/each-token.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { Workspace } from "../workspace.ts";
import {
  BlockSums,
  type GateWeights,
  type HeadTokens,
  NsaRow,
  nsaCandidates,
  nsaCounts,
} from "./selection-nsa.ts";

/** What is kept of one head of k and v. */
interface Cache extends HeadTokens {
  readonly sums: BlockSums;
}

/** Every query sums three softmaxes over all tokens so far, which are kept with the sums of their blocks. */
export function prepareNsaSteps({ shape, mechanism }: Task<Selection>, rule: Nsa, weights: Weights): Stepper {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const { perRow } = choiceSpecs(rule, { queries: 1, length }).blocks;
  const workspace = new Workspace();
  const caches = Array.from(
    { length: batch * kvHeads },
    (): Cache => ({
      keys: new Float32Array(length * headDim),
      keysAt: 0,
      values: new Float32Array(length * valueDim),
      valuesAt: 0,
      sums: new BlockSums(rule, shape, new Workspace()),
    }),
  );
  const [{ sums: one }] = caches;
  const ofSoftmax = NSA_GATES.map((name) => weights[name]);
  const gates = Array.from({ length: heads }, (_, head): GateWeights => ({ ofSoftmax, at: head * headDim }));
  const blocks = new Int32Array(batch * heads * perRow);
  workspace.add(blocks);
  const choice: Choice = { blocks };
  const row = new NsaRow(rule, shape, perRow, mechanism.scale ?? 1 / Math.sqrt(headDim), workspace);
  const group = heads / kvHeads;
  const tokenBytes = FLOAT_BYTES * (headDim + valueDim);
  const sumBytes = 2 * tokenBytes;
  let position = 0;

  const takeIn = (
    { keys, values, sums }: Cache,
    at: number,
    k: Float32Array,
    keyAt: number,
    v: Float32Array,
    valueAt: number,
  ): void => {
    for (let i = 0; i < headDim; i++) keys[at * headDim + i] = k[keyAt + i];
    for (let i = 0; i < valueDim; i++) values[at * valueDim + i] = v[valueAt + i];
    sums.takeIn(k, keyAt, v, valueAt, at);
  };

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return caches.length * (tokenBytes * position + one.bytes(position));
    },
    get stepBytes() {
      if (position >= length) return 0;
      const { means, keys } = nsaCounts(rule, position);
      // Its own block's sums are read and written; those of keys are read once more to choose.
      const toChoose = 2 * FLOAT_BYTES * headDim * nsaCandidates(rule, position);
      return caches.length * (tokenBytes * keys + sumBytes * (means + 2) + toChoose);
    },
    workspaceBytes: workspace.bytes,
    reset() {
      position = 0;
      for (const { sums } of caches) sums.clear();
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      eachToken(inputs, { from: position, to: position + count }, (slice, token, keyAt, valueAt) => {
        takeIn(caches[slice], token, inputs.k, keyAt, inputs.v, valueAt);
      });
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      blocks.fill(-1);
      for (let slice = 0; slice < caches.length; slice++) {
        const cache = caches[slice];
        takeIn(cache, position, token.k, slice * headDim, token.v, slice * valueDim);
        for (let reader = slice * group; reader < (slice + 1) * group; reader++) {
          const queryAt = reader * headDim;
          const at = reader * perRow;
          row.choose(token.q, queryAt, position, cache.sums, blocks, at);
          const ofHead = gates[reader % heads];
          row.attend(
            token.q,
            queryAt,
            position,
            cache,
            cache.sums,
            ofHead,
            blocks,
            at,
            token.out,
            reader * valueDim,
          );
        }
      }
      position++;
    },
    choice: () => choice,
    dispose() {},
  };
}
