import { float64, type Rounding } from "../oracle.ts";
import { readBy } from "./chain-sizes.ts";
import type { Attend, AttendBlocks, Clusters, Matrix, Step } from "./declare.ts";
import { attend } from "./oracle-attend.ts";
import { attendedRows, balanced, blockOf, MixedBlocks, mixedBlocks } from "./oracle-blocks.ts";
import { clusterRows } from "./oracle-clusters.ts";
import { pseudoInverse, type Shake } from "./oracle-inverse.ts";
import { type Dense, pickRows } from "./oracle-matrix.ts";
import { spreadRows } from "./oracle-spread.ts";
import {
  convolvedRows,
  halfSquaresOf,
  logSizesOf,
  meansOf,
  meansOfRows,
  productOf,
  sumOf,
} from "./oracle-steps.ts";

/** One head of a call: its chain, and what it reads. */
export interface Head {
  readonly steps: readonly Step[];
  /** An input of the call by its name. */
  readonly input: (name: Matrix) => Dense;
}

/** How a chain is evaluated. */
export interface Manner {
  readonly round: Rounding;
  /** Whether it is asked how far a rounding may move what is made. */
  readonly wantsMoved: boolean;
  /**
   * The exact evaluation of the same, and what moves each number that it makes: then this is another one near to it,
   * in which every number that a step makes is off by as much as a rounding may move it.
   */
  readonly near?: { readonly exact: Chain; readonly shake: Shake };
}

/**
 * A chain of one head, evaluated by its steps' definitions: what summaries are made of once, when it is first asked
 * for, and of what has a row for each query only the rows asked for.
 */
export class Chain {
  readonly #head: Head;
  readonly #manner: Manner;
  readonly #made = new Map<Matrix, Dense>();
  readonly #members = new Map<Matrix, Int32Array>();
  readonly #mixed = new MixedBlocks();

  constructor(head: Head, manner: Manner) {
    this.#head = head;
    this.#manner = manner;
  }

  /** These rows of the output. */
  output(rows: readonly number[]): Dense {
    const last = this.#head.steps.at(-1);
    if (last?.to !== "out") throw new TypeError(`chain: the last step must make out, got ${last?.to}`);
    return this.#rowsOf("out", rows);
  }

  #rowsOf(name: Matrix, rows: readonly number[]): Dense {
    const step = this.#makerOf(name);
    switch (step?.step) {
      case "attend":
        if (step.queries === null || step.to !== name) break;
        return this.#attended(step, rows)[0];
      case "convolve": {
        const [values, taps] = [this.#matrix(step.values), this.#matrix(step.taps)];
        const of = this.#rowsOf(step.of, rows);
        return convolvedRows(of, values, taps, rows, this.#matrix("q").rows, this.#manner.round);
      }
      case "spread": {
        const members = this.#membersOf(step.members);
        const { improved } = step;
        if (improved === undefined) {
          const asked = rows.map((row) => members[row]);
          return this.#rowsOf(step.of, asked);
        }
        const { count, scale } = improved;
        const [queries, means, keys, values] = (["queries", "means", "keys", "values"] as const).map((one) =>
          this.#matrix(improved[one]),
        );
        const deciding = this.#decidingMeans(improved.means);
        const asked = { rows, members, count, queries, means, deciding, keys, values, scale };
        return spreadRows(asked, this.#manner.round, this.#manner.wantsMoved);
      }
      case "attend-blocks":
        return this.#attendedInBlocks(step, rows);
    }
    return pickRows(this.#matrix(name), rows);
  }

  #matrix(name: Matrix): Dense {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const step = this.#makerOf(name);
    if (step === null) {
      const input = this.#head.input(name);
      this.#made.set(name, input);
      return input;
    }
    const { near, wantsMoved } = this.#manner;
    const isFirst = readBy(step).every((one) => this.#makerOf(one) === null);
    // What is made of inputs alone is the same in every evaluation.
    const dense = near !== undefined && isFirst ? null : this.#make(step);
    for (const [index, to] of namesMadeBy(step).entries()) {
      const made = dense === null ? (near as { exact: Chain }).exact.#matrix(to) : dense[index];
      this.#made.set(to, near === undefined ? (wantsMoved ? made : without(made)) : this.#shaken(to, made));
    }
    return this.#made.get(name) as Dense;
  }

  /** What a step makes, moved as far as a rounding may move it. */
  #shaken(name: Matrix, made: Dense): Dense {
    const { near } = this.#manner;
    const moved = near === undefined ? undefined : near.exact.#matrix(name).moved;
    if (near === undefined || moved === undefined) return without(made);
    const data = Float64Array.from(made.data);
    near.shake(data, (at) => moved[at]);
    return { rows: made.rows, width: made.width, data };
  }

  #make(step: Step): readonly Dense[] {
    const { round, wantsMoved, near } = this.#manner;
    const of = (name: Matrix) => this.#matrix(name);
    switch (step.step) {
      case "means":
        return [meansOf(of(step.of), step.segments, round)];
      case "sum":
        return [sumOf(of(step.of[0]), of(step.of[1]), round)];
      case "product":
        return [productOf(of(step.a), of(step.b), step.transposed, round)];
      case "attend":
        return this.#attended(step, null);
      case "weights":
        return this.#weights(of(step.queries), of(step.keys), step.scale);
      case "pseudo-inverse": {
        const a = of(step.of);
        const data = pseudoInverse(a, step.iterations, round, near?.shake ?? null);
        return [{ rows: a.rows, width: a.width, data }];
      }
      case "half-squares":
        return [halfSquaresOf(of(step.of), step.factor, round)];
      case "log-sizes":
        return [logSizesOf(of(step.of), step.segments, round)];
      case "less-log-sums": {
        const rows = of(step.rows);
        const asked = { queries: rows, keys: rows, values: [], scale: step.scale, bias: of(step.bias) };
        const { logSums } = attend({ ...asked, seen: null }, round, wantsMoved);
        const negated = { ...logSums, data: logSums.data.map((sum) => -sum) };
        const less = sumOf(of(step.of), negated, round);
        const moved = less.moved?.map((own, at) => own + (logSums.moved?.[at] ?? 0));
        return [{ ...less, ...(moved && { moved }) }];
      }
      case "clusters":
        return [this.#means(step, round)];
      case "balance":
        return [balanced(step, of(step.queries), of(step.keys), round, near?.shake ?? null)];
      case "mix-blocks":
        return [mixedBlocks(of(step.logs), of(step.of), step.size, round, wantsMoved)];
      case "attend-blocks":
      case "convolve":
      case "spread": {
        const count = this.#matrix("q").rows;
        return [
          this.#rowsOf(
            step.to,
            Array.from({ length: count }, (_, row) => row),
          ),
        ];
      }
      default:
        return step satisfies never;
    }
  }

  #attendedInBlocks(step: AttendBlocks, rows: readonly number[]): Dense {
    const { round, wantsMoved, near } = this.#manner;
    const blocks = [...new Set(rows.map((row) => Math.floor(row / step.size)))];
    const nearby = near === undefined ? null : { exact: near.exact.#mixed, shake: near.shake };
    for (const name of [...step.keys, ...step.values]) {
      const made = this.#makerOf(name);
      if (made?.step !== "mix-blocks") continue;
      const [logs, of] = [this.#matrix(made.logs), this.#matrix(made.of)];
      this.#mixed.mix(made, blocks, logs, of, { round, wantsMoved, nearby });
    }
    const rowsOf = (name: Matrix, block: number): Dense =>
      this.#mixed.get(name, block) ?? blockOf(this.#matrix(name), block, step.size);
    const queriesOf = (asked: readonly number[]): Dense => this.#rowsOf(step.queries, asked);
    return attendedRows(step, rows, queriesOf, rowsOf, round, wantsMoved);
  }

  /** All that the step makes, or the first of it for these rows. */
  #attended(step: Attend, rows: readonly number[] | null): readonly Dense[] {
    const { queries: asking, keys, values, also = [], scale, bias, logSums, ended } = step;
    const whole = asking === null ? null : this.#matrix(asking);
    const queries = whole !== null && rows !== null ? pickRows(whole, rows) : whole;
    const seen =
      ended && ((row: number) => Math.floor(((rows?.[row] ?? row) + 1 + ended.keysBefore) / ended.size));
    const attended = attend(
      {
        queries,
        keys: keys === null ? null : this.#matrix(keys),
        values: [values, ...(rows === null ? also.map((one) => one.values) : [])].map((one) =>
          this.#matrix(one),
        ),
        scale,
        bias: bias === undefined ? null : this.#matrix(bias),
        seen: seen ?? null,
      },
      this.#manner.round,
      this.#manner.wantsMoved,
    );
    return logSums === undefined ? attended.outputs : [...attended.outputs, attended.logSums];
  }

  /** Weights are what the unit vectors are brought to. */
  #weights(queries: Dense, keys: Dense, scale: number): readonly Dense[] {
    const { rows } = keys;
    const identity = new Float64Array(rows * rows);
    for (let row = 0; row < rows; row++) identity[row * (rows + 1)] = 1;
    const values = [{ rows, width: rows, data: identity }];
    const asked = { queries, keys, values, scale, bias: null, seen: null };
    return attend(asked, this.#manner.round, this.#manner.wantsMoved).outputs;
  }

  #means({ of, members }: Clusters, round: Rounding): Dense {
    const rows = this.#matrix(of);
    const belonging: number[][] = [];
    const memberOf = this.#membersOf(members);
    for (const [row, cluster] of memberOf.entries()) {
      while (belonging.length <= cluster) belonging.push([]);
      belonging[cluster].push(row);
    }
    return meansOfRows(rows, belonging, round);
  }

  #membersOf(name: Matrix): Int32Array {
    const known = this.#members.get(name);
    if (known !== undefined) return known;
    const { near } = this.#manner;
    const { of, planes, starts, count } = this.#clustersOf((one) => one.members === name);
    const members =
      near === undefined
        ? clusterRows(this.#matrix(of), this.#matrix(planes), this.#matrix(starts), count)
        : near.exact.#membersOf(name);
    this.#members.set(name, members);
    return members;
  }

  /** Means without any rounding, by which it is decided which keys are best. */
  #decidingMeans(name: Matrix): Dense {
    const { near, round } = this.#manner;
    if (near !== undefined) return near.exact.#decidingMeans(name);
    return round === float64
      ? this.#matrix(name)
      : this.#means(
          this.#clustersOf(({ to }) => to === name),
          float64,
        );
  }

  #clustersOf(is: (step: Clusters) => boolean): Clusters {
    const found = this.#head.steps.find((step): step is Clusters => step.step === "clusters" && is(step));
    if (found === undefined)
      throw new TypeError("chain: there must be clusters before they are read, got none");
    return found;
  }

  #makerOf(name: Matrix): Step | null {
    return this.#head.steps.find((step) => namesMadeBy(step).includes(name)) ?? null;
  }
}

function namesMadeBy(step: Step): readonly Matrix[] {
  if (step.step !== "attend") return [step.to];
  const { to, also = [], logSums } = step;
  return [to, ...also.map((one) => one.to), ...(logSums === undefined ? [] : [logSums])];
}

function without({ rows, width, data }: Dense): Dense {
  return { rows, width, data };
}
