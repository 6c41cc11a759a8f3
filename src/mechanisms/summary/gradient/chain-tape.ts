import { attend } from "../../gradient/tape/attend.ts";
import { mapped, sum } from "../../gradient/tape/elementwise.ts";
import { meansOfRows } from "../../gradient/tape/means.ts";
import { product } from "../../gradient/tape/products.ts";
import { type Tape, Value } from "../../gradient/tape/tape.ts";
import type { Attend, Clusters, Step } from "../declare.ts";
import { clusterRows } from "../oracle-clusters.ts";
import { attendInBlocks, balance, mixBlocks } from "./block-steps.ts";
import { pseudoInverse } from "./inverse.ts";
import { convolve, halfSquares, means, pickRows, segmentsOf } from "./row-steps.ts";
import { improvedRows } from "./spread.ts";

/** A chain of one head on a tape: each matrix is made when it is first asked for. */
export class ChainTape {
  readonly #steps: readonly Step[];
  readonly #input: (name: string) => Value;
  readonly #tape: Tape;
  readonly #exact: ChainTape | null;
  readonly #made = new Map<string, Value>();
  readonly #members = new Map<string, Int32Array>();

  /** `exact` is the same chain in float64, by which clusters and best keys are decided; null if this one is. */
  constructor(steps: readonly Step[], input: (name: string) => Value, tape: Tape, exact: ChainTape | null) {
    this.#steps = steps;
    this.#input = input;
    this.#tape = tape;
    this.#exact = exact;
  }

  /** A matrix by its name. */
  matrix(name: string): Value {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const step = this.#steps.find((one) => namesMadeBy(one).includes(name));
    const made = step === undefined ? { [name]: this.#input(name) } : this.#make(step);
    for (const [to, value] of Object.entries(made)) this.#made.set(to, value);
    return made[name];
  }

  #make(step: Step): Readonly<Record<string, Value>> {
    const tape = this.#tape;
    const of = (name: string): Value => this.matrix(name);
    if (step.step === "attend") return this.#attended(step);
    return { [step.to]: this.#single(step, tape, of) };
  }

  /** The one matrix that a step makes. */
  #single(step: Exclude<Step, Attend>, tape: Tape, of: (name: string) => Value): Value {
    switch (step.step) {
      case "means":
        return means(tape, of(step.of), step.segments);
      case "sum":
        return sum(tape, of(step.of[0]), of(step.of[1]));
      case "product":
        return product(tape, of(step.a), of(step.b), step.transposed ? "left" : "neither");
      case "weights": {
        const keys = of(step.keys);
        const asked = { queries: of(step.queries), keys, scale: step.scale };
        return attend(tape, { ...asked, values: [identity(keys.rows)], bias: null, keysOf: null }).outputs[0];
      }
      case "pseudo-inverse":
        return pseudoInverse(tape, of(step.of), step.iterations);
      case "half-squares":
        return halfSquares(tape, of(step.of), step.factor);
      case "log-sizes": {
        const edges = segmentsOf(of(step.of).rows, step.segments);
        const logs = Array.from({ length: edges.length - 1 }, (_, t) => Math.log(edges[t + 1] - edges[t]));
        return new Value(logs.length, 1, Float64Array.from(logs, tape.arithmetic.round));
      }
      case "less-log-sums": {
        const rows = of(step.rows);
        const asked = { queries: rows, keys: rows, values: [], scale: step.scale, bias: of(step.bias) };
        const { logSums } = attend(tape, { ...asked, keysOf: null });
        const less = mapped(
          tape,
          logSums,
          (x) => -x,
          () => -1,
        );
        return sum(tape, of(step.of), less);
      }
      case "convolve":
        return convolve(tape, of(step.of), of(step.values), of(step.taps));
      case "clusters":
        return this.#means(step);
      case "spread": {
        const members = this.#membersOf(step.members);
        const { improved } = step;
        if (improved === undefined) return pickRows(tape, of(step.of), members);
        const [queries, clusters, keys, values] = (["queries", "means", "keys", "values"] as const).map(
          (one) => of(improved[one]),
        );
        const deciding = (this.#exact ?? this).matrix(improved.means);
        const { count, scale } = improved;
        return improvedRows(tape, {
          members,
          count,
          queries,
          means: clusters,
          deciding,
          keys,
          values,
          scale,
        });
      }
      case "balance":
        return balance(tape, of(step.queries), of(step.keys), step);
      case "mix-blocks":
        return mixBlocks(tape, of(step.logs), of(step.of), step.size);
      case "attend-blocks":
        return attendInBlocks(tape, step, of);
      default:
        return step satisfies never;
    }
  }

  #attended(step: Attend): Readonly<Record<string, Value>> {
    const { queries, keys, values, also = [], scale, bias, logSums, ended } = step;
    const of = (name: string): Value => this.matrix(name);
    const results = [{ to: step.to, values }, ...also];
    const given = results.map((one) => of(one.values));
    const [asking, asked] = [queries, keys].map((name) => (name === null ? null : of(name)));
    const every = Uint32Array.from({ length: asked?.rows ?? given[0].rows }, (_, key) => key);
    const made = attend(this.#tape, {
      queries: asking,
      keys: asked,
      values: given,
      scale,
      bias: bias === undefined ? null : of(bias),
      keysOf:
        ended === undefined
          ? null
          : (row) => every.subarray(0, Math.max(0, Math.floor((row + 1 + ended.keysBefore) / ended.size))),
    });
    return {
      ...Object.fromEntries(results.map(({ to }, index) => [to, made.outputs[index]])),
      ...(logSums !== undefined && { [logSums]: made.logSums }),
    };
  }

  #means({ of, members, count }: Clusters): Value {
    const rows = this.matrix(of);
    const belonging: number[][] = Array.from({ length: Math.min(count, rows.rows) }, () => []);
    for (const [row, cluster] of this.#membersOf(members).entries()) belonging[cluster].push(row);
    return meansOfRows(this.#tape, rows, belonging);
  }

  #membersOf(name: string): Int32Array {
    if (this.#exact !== null) return this.#exact.#membersOf(name);
    const known = this.#members.get(name);
    if (known !== undefined) return known;
    const step = this.#steps.find((one): one is Clusters => one.step === "clusters" && one.members === name);
    if (step === undefined) throw new TypeError(`chain: no step before makes the clusters ${name}`);
    const [of, planes, starts] = [step.of, step.planes, step.starts].map((one) => this.matrix(one));
    const members = clusterRows(of, planes, starts, step.count);
    this.#members.set(name, members);
    return members;
  }
}

function namesMadeBy(step: Step): readonly string[] {
  if (step.step !== "attend") return [step.to];
  const { to, also = [], logSums } = step;
  return [to, ...also.map((one) => one.to), ...(logSums === undefined ? [] : [logSums])];
}

function identity(size: number): Value {
  const data = new Float64Array(size * size);
  for (let row = 0; row < size; row++) data[row * (size + 1)] = 1;
  return new Value(size, size, data);
}
