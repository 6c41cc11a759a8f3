import type { Shape } from "../../../core/shape.ts";
import { NSA_GATES, type Nsa } from "../../../mechanisms/selection/declare.ts";
import type { Workspace } from "../../workspace.ts";
import { sigmoid } from "../weighing.ts";
import type { AttentionBack, AttentionRows } from "./attention-rows.ts";
import type { ChosenKeys } from "./chosen-keys.ts";
import { addToSums, type Factor, isZero } from "./factor.ts";
import type { HeadAt, SumsByHead } from "./sums-by-head.ts";

interface Scratch {
  readonly rows: AttentionRows;
  readonly keys: ChosenKeys;
  /** Pairs of all rows, of keys and of means. */
  readonly counted: { pairs: number };
}

/** The three softmaxes of a query on the way back, and their gates. */
export class NsaBack {
  readonly #rule: Nsa;
  readonly #shape: Shape;
  readonly #scale: number;
  readonly #scratch: Scratch;
  /** Means of the blocks of keys and of values. */
  readonly #means: { readonly keys: MeansBack; readonly values: MeansBack };
  /** dout times the gate of each softmax, `[queries, valueDim]`, of the row under way. */
  readonly #along: Float64Array;
  readonly #made: Float64Array;

  constructor(rule: Nsa, shape: Shape, scale: number, scratch: Scratch, workspace: Workspace) {
    this.#rule = rule;
    this.#shape = shape;
    this.#scale = scale;
    this.#scratch = scratch;
    const { length, headDim, valueDim } = shape;
    this.#means = {
      keys: new MeansBack(length, rule.block, headDim, workspace),
      values: new MeansBack(length, rule.block, valueDim, workspace),
    };
    this.#along = workspace.float64(shape.queries * valueDim);
    this.#made = workspace.float64(valueDim);
  }

  run(sums: SumsByHead, at: HeadAt): void {
    const { block, window } = this.#rule;
    const { length, valueDim } = this.#shape;
    const { rows, keys, counted } = this.#scratch;
    const [q, k, v] = ["q", "k", "v"].map((name) => sums.factor(name, at));
    const gates = NSA_GATES.map((name) => sums.factor(name, at));
    const [meanKeys, meanValues] = [this.#means.keys.open(k), this.#means.values.open(v)];
    const dout = sums.dout(at);
    const along = this.#along;
    const attentionTo = (ofKeys: Factor, values: Factor): AttentionBack => ({
      queries: q,
      keys: ofKeys,
      weighed: [{ values, along, alongAt: 0 }],
      scale: this.#scale,
      bias: null,
      logSums: null,
    });
    const [ofMeans, ofKeys] = [attentionTo(meanKeys, meanValues), attentionTo(k, v)];
    for (let row = 0; row < length; row++) {
      const from = dout.at + row * valueDim;
      const count = keys.list(row);
      if (isZero(dout.values, from, valueDim)) continue;
      const first = Math.max(0, row + 1 - window);
      const ended = Math.floor((row + 1) / block);
      counted.pairs += count + (row + 1 - first) + ended;
      const branches = [
        {
          forward: () => rows.makeStretch(ofMeans, row, 0, ended, this.#made),
          back: () => rows.stretch(ofMeans, row, 0, ended),
        },
        {
          forward: () => rows.makeListed(ofKeys, row, keys.keys, count, this.#made),
          back: () => rows.listed(ofKeys, row, keys.keys, count),
        },
        {
          forward: () => rows.makeStretch(ofKeys, row, first, row + 1 - first, this.#made),
          back: () => rows.stretch(ofKeys, row, first, row + 1 - first),
        },
      ];
      for (const [index, { forward, back }] of branches.entries()) {
        const gate = this.#gateOf(q, gates[index], row);
        forward();
        let ofGate = 0;
        for (let i = 0; i < valueDim; i++) {
          ofGate += dout.values[from + i] * this.#made[i];
          along[row * valueDim + i] = gate * dout.values[from + i];
        }
        back();
        const slope = ofGate * gate * (1 - gate);
        addToSums(q, row, slope, gates[index].values, gates[index].at);
        addToSums(gates[index], 0, slope, q.values, q.at + row * q.width);
      }
    }
    this.#means.keys.close(k);
    this.#means.values.close(v);
  }

  #gateOf(q: Factor, gate: Factor, row: number): number {
    let sum = 0;
    for (let i = 0; i < q.width; i++) sum += q.values[q.at + row * q.width + i] * gate.values[gate.at + i];
    return sigmoid(sum);
  }
}

/** Means of blocks of rows, and what comes to them, which goes on to every row of a block alike. */
class MeansBack {
  readonly #means: Factor & { readonly values: Float64Array; readonly sums: Float64Array };
  readonly #length: number;
  readonly #block: number;

  constructor(length: number, block: number, width: number, workspace: Workspace) {
    const rows = Math.ceil(length / block);
    this.#length = length;
    this.#block = block;
    this.#means = {
      values: workspace.float64(rows * width),
      at: 0,
      rows,
      width,
      sums: workspace.float64(rows * width),
      sumsAt: 0,
    };
  }

  open({ values, at, width }: Factor): Factor {
    const means = this.#means;
    means.values.fill(0);
    means.sums.fill(0);
    for (let row = 0; row < this.#length; row++) {
      const to = Math.floor(row / this.#block) * width;
      const share = 1 / this.#countOf(row);
      for (let i = 0; i < width; i++) means.values[to + i] += share * values[at + row * width + i];
    }
    return means;
  }

  close(to: Factor): void {
    for (let row = 0; row < this.#length; row++) {
      const from = Math.floor(row / this.#block) * to.width;
      addToSums(to, row, 1 / this.#countOf(row), this.#means.sums, from);
    }
  }

  /** Rows of the block of a row. */
  #countOf(row: number): number {
    const first = row - (row % this.#block);
    return Math.min(this.#block, this.#length - first);
  }
}
