import type { Choice } from "../../core/choice.ts";
import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { choiceSpecs, type Selection } from "../../mechanisms/selection/declare.ts";
import { eachToken } from "../decode/each-token.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import { Workspace } from "../workspace.ts";
import { GatheredRow } from "./gathered-rows.ts";
import { mostKeys, type QueryRule, type RuleHead, ruleHead } from "./selection-rule.ts";

/** What is kept of one head of k and v. */
interface Cache {
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly rule: RuleHead;
}

/** Every query chooses among all keys so far, which are kept with what the rule makes of them. */
export function prepareSelectionSteps({ shape, mechanism }: Task<Selection>, rule: QueryRule): Stepper {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const [[name, { perRow }]] = Object.entries(choiceSpecs(rule, { queries: 1, length }));
  const workspace = new Workspace();
  const sizes = { length, headDim, causal: true, perRow };
  const caches = Array.from(
    { length: batch * kvHeads },
    (): Cache => ({
      keys: new Float32Array(length * headDim),
      values: new Float32Array(length * valueDim),
      rule: ruleHead(rule, sizes, workspace, new Workspace()),
    }),
  );
  const [{ rule: one }] = caches;
  const chosen = new Int32Array(batch * heads * perRow);
  workspace.add(chosen);
  const choice: Choice = { [name]: chosen };
  const row = new GatheredRow(
    shape,
    mostKeys(rule, shape),
    mechanism.scale ?? 1 / Math.sqrt(headDim),
    workspace,
  );
  const group = heads / kvHeads;
  const tokenBytes = FLOAT_BYTES * (headDim + valueDim);
  let position = 0;

  const takeIn = (
    { keys, values, rule: made }: Cache,
    token: number,
    k: Float32Array,
    keyAt: number,
    v: Float32Array,
    valueAt: number,
  ): void => {
    for (let i = 0; i < headDim; i++) keys[token * headDim + i] = k[keyAt + i];
    for (let i = 0; i < valueDim; i++) values[token * valueDim + i] = v[valueAt + i];
    made.takeIn(k, keyAt, token);
  };

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return caches.length * (tokenBytes * position + one.stateBytes(position));
    },
    get stepBytes() {
      if (position >= length) return 0;
      // Its own key and value are written; what it attends is read.
      const attended = one.attended(position, position + 1);
      return caches.length * (tokenBytes * attended + one.stepBytes(position));
    },
    workspaceBytes: workspace.bytes,
    reset() {
      position = 0;
      for (const { rule: made } of caches) made.clear();
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
      chosen.fill(-1);
      for (let slice = 0; slice < caches.length; slice++) {
        const { keys, values, rule: made } = caches[slice];
        takeIn(caches[slice], position, token.k, slice * headDim, token.v, slice * valueDim);
        for (let reader = slice * group; reader < (slice + 1) * group; reader++) {
          const queryAt = reader * headDim;
          const at = reader * perRow;
          made.choose(token.q, queryAt, position, keys, 0, position + 1, chosen, at);
          const count = made.list(position, position + 1, chosen, at, row.list);
          row.attend(token.q, queryAt, keys, 0, values, 0, count, token.out, reader * valueDim);
        }
      }
      position++;
    },
    choice: () => choice,
    dispose() {},
  };
}
