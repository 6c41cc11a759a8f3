import type { Shape } from "../../core/shape.ts";
import { NSA_FORCED, NSA_GATES, type Nsa } from "../../mechanisms/selection/declare.ts";
import type { Workspace } from "../workspace.ts";
import { BestIndices } from "./best-indices.ts";
import { GatheredRow } from "./gathered-rows.ts";
import { weighRow } from "./row-weights.ts";

const FLOAT64_BYTES = 8;

/** Keys and values of one head, where they begin. */
export interface HeadTokens {
  readonly keys: Float32Array;
  readonly keysAt: number;
  readonly values: Float32Array;
  readonly valuesAt: number;
}

/** The weights of a head's three gates, `[headDim]` each from `at` on. */
export interface GateWeights {
  readonly ofSoftmax: readonly Float32Array[];
  readonly at: number;
}

/** Sums of the keys and values of each block, as they come. */
export class BlockSums {
  readonly keys: Float64Array;
  readonly values: Float64Array;
  readonly #block: number;
  readonly #headDim: number;
  readonly #valueDim: number;

  constructor({ block }: Nsa, { length, headDim, valueDim }: Shape, state: Workspace) {
    const blocks = Math.ceil(length / block);
    this.keys = state.float64(blocks * headDim);
    this.values = state.float64(blocks * valueDim);
    this.#block = block;
    this.#headDim = headDim;
    this.#valueDim = valueDim;
  }

  clear(): void {
    this.keys.fill(0);
    this.values.fill(0);
  }

  takeIn(k: Float32Array, keyAt: number, v: Float32Array, valueAt: number, token: number): void {
    const block = Math.floor(token / this.#block);
    const keySum = block * this.#headDim;
    const valueSum = block * this.#valueDim;
    for (let i = 0; i < this.#headDim; i++) this.keys[keySum + i] += k[keyAt + i];
    for (let i = 0; i < this.#valueDim; i++) this.values[valueSum + i] += v[valueAt + i];
  }

  /** Bytes kept of `tokens` tokens. */
  bytes(tokens: number): number {
    return FLOAT64_BYTES * (this.#headDim + this.#valueDim) * Math.ceil(tokens / this.#block);
  }
}

/** One row at a time: it chooses blocks, and sums three softmaxes with gates. Nothing is allocated in a row. */
export class NsaRow {
  readonly #rule: Nsa;
  readonly #shape: Shape;
  readonly #scale: number;
  readonly #best: BestIndices;
  readonly #scores: Float64Array;
  readonly #sums: Float64Array;
  /** What two of the softmaxes make of one row, `[valueDim]`. */
  readonly #row: Float32Array;
  /** Of the row under way: a number that is returned could be boxed. */
  readonly #gates: Float64Array;
  readonly #gathered: GatheredRow;
  readonly #perRow: number;

  constructor(rule: Nsa, shape: Shape, perRow: number, scale: number, workspace: Workspace) {
    const { length, valueDim } = shape;
    this.#rule = rule;
    this.#shape = shape;
    this.#scale = scale;
    this.#perRow = perRow;
    this.#best = new BestIndices(perRow, workspace);
    this.#scores = workspace.float64(Math.ceil(length / rule.block) + 1);
    this.#sums = workspace.float64(valueDim);
    this.#gates = workspace.float64(NSA_GATES.length);
    this.#row = new Float32Array(valueDim);
    workspace.add(this.#row);
    const most = Math.min(length, Math.max(rule.window, rule.chosen * rule.block));
    this.#gathered = new GatheredRow(shape, most, scale, workspace);
  }

  /** Writes the blocks that a token's query chooses besides those it attends in any case, from `to[at]` on. */
  choose(q: Float32Array, queryAt: number, token: number, sums: BlockSums, to: Int32Array, at: number): void {
    const others = Math.max(0, Math.floor(token / this.#rule.block) - 2);
    if (others <= this.#perRow) {
      for (let n = 0; n < others; n++) to[at + n] = n + 1;
      return;
    }
    this.#score(q, queryAt, sums, 1, others);
    this.#best.write(this.#scores, others, this.#perRow, to, at);
    for (let n = at; n < at + this.#perRow; n++) to[n]++;
  }

  /** Writes the row of a token's query, `[valueDim]` from `out[outAt]` on. */
  attend(
    q: Float32Array,
    queryAt: number,
    token: number,
    head: HeadTokens,
    sums: BlockSums,
    gates: GateWeights,
    chosen: Int32Array,
    at: number,
    out: Float32Array,
    outAt: number,
  ): void {
    const { valueDim } = this.#shape;
    const total = this.#sums;
    total.fill(0);
    this.#makeGates(q, queryAt, gates);
    this.#addMeans(q, queryAt, token, sums);
    this.#addListed(q, queryAt, head, this.#listBlocks(token, chosen, at), 1);
    this.#addListed(q, queryAt, head, this.#listRecent(token), 2);
    for (let i = 0; i < valueDim; i++) out[outAt + i] = total[i];
  }

  /** `scores[n] = q · (mean of block first + n)`. */
  #score(q: Float32Array, queryAt: number, sums: BlockSums, first: number, count: number): void {
    const { headDim } = this.#shape;
    const share = 1 / this.#rule.block;
    for (let n = 0; n < count; n++) {
      const sumAt = (first + n) * headDim;
      let score = 0;
      for (let i = 0; i < headDim; i++) score += q[queryAt + i] * sums.keys[sumAt + i];
      this.#scores[n] = score * share;
    }
  }

  /** The softmax over the means of blocks that have ended. */
  #addMeans(q: Float32Array, queryAt: number, token: number, sums: BlockSums): void {
    const { valueDim } = this.#shape;
    const { block } = this.#rule;
    const ended = Math.floor((token + 1) / block);
    if (ended === 0) return;
    const weights = this.#scores;
    this.#score(q, queryAt, sums, 0, ended);
    for (let one = 0; one < ended; one++) weights[one] *= this.#scale;
    weighRow(undefined, weights, ended);
    const factor = (this.#gates[0] * weights[ended]) / block;
    for (let one = 0; one < ended; one++) {
      const weight = weights[one] * factor;
      for (let i = 0; i < valueDim; i++) this.#sums[i] += weight * sums.values[one * valueDim + i];
    }
  }

  #addListed(q: Float32Array, queryAt: number, head: HeadTokens, count: number, softmax: number): void {
    const { keys, keysAt, values, valuesAt } = head;
    const row = this.#row;
    const gate = this.#gates[softmax];
    this.#gathered.attend(q, queryAt, keys, keysAt, values, valuesAt, count, row, 0);
    for (let i = 0; i < row.length; i++) this.#sums[i] += gate * row[i];
  }

  #makeGates(q: Float32Array, queryAt: number, { ofSoftmax, at }: GateWeights): void {
    for (let softmax = 0; softmax < ofSoftmax.length; softmax++) {
      const weights = ofSoftmax[softmax];
      let product = 0;
      for (let i = 0; i < this.#shape.headDim; i++) product += q[queryAt + i] * weights[at + i];
      // The logistic function, not called: a fraction that is passed could be boxed.
      const power = Math.exp(-Math.abs(product));
      this.#gates[softmax] = (product < 0 ? power : 1) / (1 + power);
    }
  }

  #listBlocks(token: number, chosen: Int32Array, at: number): number {
    const own = Math.floor(token / this.#rule.block);
    let count = this.#listBlock(0, token, 0);
    for (let n = at; n < at + this.#perRow && chosen[n] >= 0; n++)
      count = this.#listBlock(chosen[n], token, count);
    if (own > 1) count = this.#listBlock(own - 1, token, count);
    return own > 0 ? this.#listBlock(own, token, count) : count;
  }

  #listBlock(one: number, token: number, count: number): number {
    const { block } = this.#rule;
    const end = Math.min((one + 1) * block, token + 1);
    for (let key = one * block; key < end; key++) this.#gathered.list[count++] = key;
    return count;
  }

  #listRecent(token: number): number {
    let count = 0;
    for (let key = Math.max(0, token + 1 - this.#rule.window); key <= token; key++) {
      this.#gathered.list[count++] = key;
    }
    return count;
  }
}

/** What a row of a token reads: means, and keys of the other two softmaxes. */
export function nsaCounts({ block, chosen, window }: Nsa, token: number): { means: number; keys: number } {
  const own = Math.floor(token / block);
  const selected = Math.min(own, chosen - 1) * block + (token % block) + 1;
  return { means: Math.floor((token + 1) / block), keys: selected + Math.min(window, token + 1) };
}

/** Blocks whose products a token's query chooses by: none where all are chosen. */
export function nsaCandidates({ block, chosen }: Nsa, token: number): number {
  const others = Math.max(0, Math.floor(token / block) - 2);
  return others > chosen - NSA_FORCED ? others : 0;
}
