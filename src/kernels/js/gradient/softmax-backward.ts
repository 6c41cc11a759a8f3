import type { Problem } from "../../../core/problem.ts";
import { remembered } from "../../../core/remembered.ts";
import { elementCount, FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../../pairwise/bind-biases.ts";
import { vectorsOf } from "../../../pairwise/score.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import { compileSchedule } from "../../compile-schedule.ts";
import type { Schedule } from "../../schedule.ts";
import { TASK_WORDS } from "../../schedule.ts";
import {
  countTiles,
  forEachGroup,
  maskOf,
  type TileMaskWords,
  type Tokens,
  tokensOf,
} from "../../walk-schedule.ts";
import { Workspace } from "../../workspace.ts";
import { packRows } from "../pack.ts";
import { prepareForms } from "../prepared-forms.ts";
import { addProduct } from "../product.ts";
import { TILE } from "../tile-kernel.ts";
import { BiasGradient } from "./bias-gradient.ts";
import { HeadSums } from "./head-sums.ts";
import { type LogitGradients, logitGradients, type QuerySums } from "./logit-tile.ts";
import { addToKeys } from "./pair-product.ts";
import { learnedGradients, productGradients, type ScoreGradients } from "./score-gradients.ts";

/** What the forward pass leaves, of all heads; both are empty where weights share no sum. */
export interface ForwardLeft {
  /** `[batch, heads, queries]`. */
  readonly logSums: Float64Array;
  /** `[batch, heads, queries, valueDim]`. */
  readonly out: Float32Array;
}

/**
 * The backward pass over a schedule of tiles: of each the scores and weights once more, `dout · v`, and the three products
 * that add to q, k and v. Sums are float64, of one head of q and one of k and v at a time.
 */
export class SoftmaxBackward {
  readonly run: (left: ForwardLeft) => void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;

  constructor(
    problem: Problem<SoftmaxPattern>,
    gradients: Readonly<Record<string, Float32Array>>,
    dout: Float32Array,
  ) {
    const { shape, inputs, mechanism, causal } = problem;
    const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
    const patterns = bindHeads(mechanism, problem);
    const compiled = new Map<(typeof patterns)[number], Schedule>();
    const scheduleOf = (head: number) =>
      remembered(compiled, patterns[head], () => compileSchedule(patterns[head], TILE));
    const workspace = new Workspace();
    const schedules = patterns.map((_, head) => scheduleOf(head));
    for (const { tasks, tokens, masks } of compiled.values()) workspace.add(tasks, tokens, masks);
    const weighed = new Map(
      [...compiled].map(([pattern, schedule]): [Schedule, LogitGradients] => [
        schedule,
        logitGradients(mechanism.normaliser, pattern, workspace),
      ]),
    );
    const rowsOf = (rows: number, width: number): Float64Array => workspace.float64(rows * width);
    const forms = prepareForms(problem, mechanism, workspace);
    /** Queries as scores take them, and as they are. */
    const opened = rowsOf(TILE.queries, headDim);
    const packed = {
      queries: rowsOf(TILE.queries, headDim),
      keys: rowsOf(TILE.keys, headDim),
      values: rowsOf(TILE.keys, valueDim),
      dout: rowsOf(TILE.queries, valueDim),
    };
    const tileSums = {
      queries: rowsOf(TILE.queries, headDim),
      keys: rowsOf(TILE.keys, headDim),
      values: rowsOf(TILE.keys, valueDim),
    };
    const [weights, logits] = [rowsOf(TILE.queries, TILE.keys), rowsOf(TILE.queries, TILE.keys)];
    const turned = {
      pairs: rowsOf(TILE.queries, TILE.keys),
      columns: rowsOf(Math.max(TILE.queries, TILE.keys), Math.max(headDim, valueDim)),
    };
    const ofQueries = new HeadSums(queries, headDim, workspace);
    const ofKeys = new HeadSums(length, headDim, workspace);
    const ofValues = new HeadSums(length, valueDim, workspace);
    const means = workspace.float64(queries);
    const { bias, score } = mechanism;
    const ofTable =
      bias?.table === undefined
        ? null
        : new BiasGradient(
            { ...bias, table: bias.table },
            { shape, causal },
            TILE.queries * TILE.keys,
            workspace,
          );
    const names = Object.keys(vectorsOf(score));
    const vectorSums = Array.from({ length: heads }, () =>
      Object.fromEntries(names.map((name) => [name, workspace.float64(headDim)])),
    );
    const scoreGradients = vectorSums.map(
      (sums, head): ScoreGradients =>
        score === undefined
          ? productGradients(scaleOf(mechanism, headDim), turned)
          : learnedGradients(score, { values: forms.vectors[head], sums }),
    );
    const [ofQ, ofK, ofV, ofOut] = (["q", "k", "v", "output"] as const).map((name) => layoutOf(shape, name));

    /** One packed tile of keys, full or masked, against the open rows of one head. */
    const runTile = (
      head: number,
      rows: Tokens,
      keys: Tokens,
      mask: TileMaskWords | null,
      sums: QuerySums,
    ): void => {
      const stride = TILE.keys;
      const { count } = keys;
      forms.scores[head].write(opened, rows.count, packed.keys, count, headDim, weights, stride);
      forms.bias?.add(head, weights, stride, rows, keys);
      logits.fill(0);
      addProduct(
        packed.dout,
        0,
        valueDim,
        packed.values,
        valueDim,
        logits,
        0,
        stride,
        rows.count,
        count,
        valueDim,
      );
      weighed.get(schedules[head])?.({ weights, logits, stride, queries: rows, keys: count, mask }, sums);
      const ofDout = { values: packed.dout, count: rows.count, width: valueDim };
      addToKeys({ values: weights, stride, mask }, count, ofDout, tileSums.values, turned);
      const ofLogits = { values: logits, stride, mask };
      ofTable?.add(head, ofLogits, rows, keys);
      const tile = {
        queries: { values: packed.queries, count: rows.count, width: headDim },
        keys: { values: packed.keys, count, width: headDim },
        logits: ofLogits,
      };
      scoreGradients[head].add(tile, tileSums);
      ofKeys.take(tileSums.keys, keys);
      ofValues.take(tileSums.values, keys);
    };

    const openRows = (entry: number, head: number, rows: Tokens): void => {
      const { factor, open } = forms.scores[head];
      packRows(inputs.q, offsetIn(ofQ, entry, head, 0), rows, headDim, factor, packed.queries);
      packRows(dout, offsetIn(ofOut, entry, head, 0), rows, valueDim, 1, packed.dout);
      forms.rotation?.turnRows(packed.queries, rows, forms.firstQuery);
      opened.set(packed.queries);
      open?.(opened, rows.count, headDim);
    };

    const runHead = (entry: number, head: number, { logSums, out }: ForwardLeft): void => {
      const { tasks, tokens, masks } = schedules[head];
      const slice = entry * heads + head;
      const [keysAt, valuesAt] = [ofK, ofV].map((of) => offsetIn(of, entry, kvHeadOf(shape, head), 0));
      if (out.length > 0) writeMeans(dout, out, offsetIn(ofOut, entry, head, 0), valueDim, means);
      const sums = { logSums: logSums.subarray(slice * queries, (slice + 1) * queries), means };
      ofQueries.clear();
      forEachGroup(tasks, TILE.queries, (entries, first, end) => {
        const rows = tokensOf(tokens, entries);
        openRows(entry, head, rows);
        for (let at = first; at < end; at += TASK_WORDS) {
          const [firstKey, list, keyCount] = [tasks[at + 3], tasks[at + 4], tasks[at + 5]];
          for (let from = 0; from < keyCount; from += TILE.keys) {
            const count = Math.min(TILE.keys, keyCount - from);
            const keys = tokensOf(tokens, { first: firstKey + from, list, count });
            packRows(inputs.k, keysAt, keys, headDim, 1, packed.keys);
            forms.rotation?.turnRows(packed.keys, keys, 0);
            packRows(inputs.v, valuesAt, keys, valueDim, 1, packed.values);
            runTile(head, rows, keys, maskOf(masks, tasks, at), sums);
          }
        }
        ofQueries.take(tileSums.queries, rows);
      });
      ofQueries.write(gradients.dq, offsetIn(ofQ, entry, head, 0), forms.rotation, forms.firstQuery);
    };

    this.run = (left) => {
      forms.refresh();
      ofTable?.clear();
      for (const sums of vectorSums) for (const sum of Object.values(sums)) sum.fill(0);
      for (let entry = 0; entry < batch; entry++) {
        for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
          ofKeys.clear();
          ofValues.clear();
          for (let head = 0; head < heads; head++) {
            if (kvHeadOf(shape, head) === kvHead) runHead(entry, head, left);
          }
          ofKeys.write(gradients.dk, offsetIn(ofK, entry, kvHead, 0), forms.rotation);
          ofValues.write(gradients.dv, offsetIn(ofV, entry, kvHead, 0));
        }
      }
      ofTable?.write(gradients[gradientName(BIAS_TABLE)]);
      for (const [head, sums] of vectorSums.entries()) {
        for (const [name, sum] of Object.entries(sums))
          gradients[gradientName(name)].set(sum, head * headDim);
      }
    };
    this.workspaceBytes = workspace.bytes;
    const counted = schedules.map((schedule) => countTiles(schedule, TILE.queries));
    const total = (of: (one: (typeof counted)[number]) => number): number =>
      batch * counted.reduce((sum, one) => sum + of(one), 0);
    const perPair = forms.pairFlops + 4 * valueDim + scoreGradients[0].pairFlops(headDim);
    this.executedFlops = total(
      (one) => one.pairs * perPair + 2 * forms.rowFlops(one.queries, one.keys, 1) + 2 * queries * valueDim,
    );
    const written = (["q", "k", "v"] as const).reduce((sum, name) => sum + elementCount(shape, name), 0);
    this.bytes = FLOAT_BYTES * (written + total((one) => (headDim + valueDim) * (one.queries + one.keys)));
  }
}

/** `dout · out` of the rows of one head, which begin at `at`. */
function writeMeans(
  dout: Float32Array,
  out: Float32Array,
  at: number,
  width: number,
  means: Float64Array,
): void {
  for (let row = 0; row < means.length; row++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += dout[at + row * width + i] * out[at + row * width + i];
    means[row] = sum;
  }
}
