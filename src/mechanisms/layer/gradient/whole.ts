import type { Mechanism } from "../../../core/mechanism.ts";
import { laidOut, OUT, rowIn } from "../../../core/outputs.ts";
import { layoutOf, QKV, type Shape, type TensorName } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { DOUT, gradientName } from "../../gradient/declare.ts";
import type { GradientKind, GradientProblem } from "../../gradient/gradient-kind.ts";
import type { Arithmetic } from "../../gradient/tape/arithmetic.ts";
import { sum } from "../../gradient/tape/elementwise.ts";
import { product } from "../../gradient/tape/products.ts";
import { Tape, Value } from "../../gradient/tape/tape.ts";
import type { Kind } from "../../kind.ts";
import type { Oracle } from "../../oracle.ts";
import { LAYER_GAMMA, LAYER_WEIGHTS, type Layer, positionsOf, shapeOfHeads, widthOf } from "../declare.ts";
import { inputsOfHeads } from "../inputs.ts";
import { addRow, addTable, byHead, byToken, largestOfSquares, scaledBy } from "./steps.ts";

type Name = (typeof QKV)[number];

/** What a layer's gradients are made of, and the oracles of its heads. */
export interface Heads {
  readonly inner: Kind<Mechanism>;
  readonly gradient: GradientKind;
  /** The same oracle, on the choice that a kernel made if it made one. */
  readonly ask: (oracle: Oracle) => Oracle;
}

/** The gradients of all inputs of a layer, whole, by the inputs' names. */
export function gradientsOfLayer(
  problem: GradientProblem<Layer>,
  heads: Heads,
  arithmetic: Arithmetic,
): ReadonlyMap<string, Float64Array> {
  const tape = new Tape(arithmetic);
  const forward = new Forward(problem, tape);
  const given = { q: forward.heads("q"), k: forward.heads("k"), v: forward.heads("v") };
  const inside = new Map<string, Float64Array>();
  const made = headsStep(problem, heads, tape, given, inside);
  const out = forward.output(made);
  out.adjoint.set(problem.inputs.dout);
  tape.back();
  const own = [...forward.read].flatMap(([name, { reached }]): [string, Float64Array][] =>
    reached === null ? [] : [[name, reached]],
  );
  return new Map([...own, ...inside]);
}

/** What the heads of a layer are given, in exact numbers or others. */
export function inputsOfLayerHeads(
  problem: GradientProblem<Layer>,
  arithmetic: Arithmetic,
): Readonly<Record<Name, Value>> {
  const forward = new Forward(problem, new Tape(arithmetic));
  return { q: forward.heads("q"), k: forward.heads("k"), v: forward.heads("v") };
}

/** The problem of the heads. */
export function problemOfHeads(
  problem: GradientProblem<Layer>,
  given: Readonly<Record<Name, Value>>,
): GradientProblem {
  const { mechanism, inputs, ...task } = problem;
  const shape = shapeOfHeads(mechanism, inputs.shape);
  const { q, k, v } = given;
  return {
    ...task,
    mechanism: mechanism.inner,
    shape: shapeOfHeads(mechanism, task.shape),
    inputs: { ...inputs, q: q.data, k: k.data, v: v.data, shape },
  };
}

/** The layer's own steps, all batch entries' rows one after the other. */
class Forward {
  readonly read = new Map<string, Value>();
  readonly #problem: GradientProblem<Layer>;
  readonly #tape: Tape;
  readonly #shape: Shape;
  readonly #withPositions = new Map<Name, Value>();

  constructor(problem: GradientProblem<Layer>, tape: Tape) {
    this.#problem = problem;
    this.#tape = tape;
    this.#shape = problem.inputs.shape;
  }

  /** What the heads are given as one of q, k, v, `[batch · heads · rows, width]`. */
  heads(name: Name): Value {
    const { mechanism } = this.#problem;
    const layout = layoutOf(shapeOfHeads(mechanism, this.#shape), name);
    const { batch, rows } = layoutOf(this.#shape, name);
    const width = widthOf(mechanism, name, this.#shape);
    const made = mechanism.made[name];
    const all = batch * layout.heads * layout.rows;
    if (made === "zeros") return new Value(all, layout.width, new Float64Array(all * layout.width));
    const { matrix, bias } = LAYER_WEIGHTS[name];
    let columns = this.#tokens(name);
    if (made === "product") {
      columns = product(this.#tape, columns, this.#given(matrix, layoutOf(this.#shape, name).width, width));
      if (mechanism.biases) columns = addRow(this.#tape, columns, this.#given(bias, 1, width));
    }
    const turned = byHead(this.#tape, columns, { batch, heads: layout.heads, rows });
    const { pool } = mechanism;
    return pool === null || name === "q"
      ? turned
      : largestOfSquares(this.#tape, turned, { pool, slices: batch * layout.heads, pixels: rows });
  }

  /** The output, of what the heads made, `[batch · queries, D]`. */
  output(made: Value): Value {
    const { mechanism } = this.#problem;
    const { batch, queries, valueDim: width } = this.#shape;
    const columns = byToken(this.#tape, made, { batch, heads: mechanism.heads, rows: queries });
    const { matrix, bias } = LAYER_WEIGHTS.output;
    let out = product(this.#tape, columns, this.#given(matrix, columns.width, width));
    if (mechanism.biases) out = addRow(this.#tape, out, this.#given(bias, 1, width));
    if (!mechanism.residual) return out;
    return sum(this.#tape, this.#tokens("q"), scaledBy(this.#tape, out, this.#given(LAYER_GAMMA, 1, 1)));
  }

  #tokens(name: Name): Value {
    const known = this.#withPositions.get(name);
    if (known !== undefined) return known;
    const { batch, rows, width } = layoutOf(this.#shape, name);
    const tokens = this.#given(name, batch * rows, width);
    const positions = positionsOf(this.#problem.mechanism, name);
    const made =
      positions === null ? tokens : addTable(this.#tape, tokens, this.#given(positions, rows, width));
    this.#withPositions.set(name, made);
    return made;
  }

  #given(name: string, rows: number, width: number): Value {
    const known = this.read.get(name);
    if (known !== undefined) return known;
    const { inputs } = this.#problem;
    const own = QKV.find((one) => one === name);
    const value = new Value(rows, width, own === undefined ? tensorNamed(inputs, name) : inputs[own]);
    this.read.set(name, value);
    return value;
  }
}

/** The heads, by the oracles of their kind: what they make, and on the way back the gradients of what they read. */
function headsStep(
  problem: GradientProblem<Layer>,
  { inner, gradient, ask }: Heads,
  tape: Tape,
  given: Readonly<Record<Name, Value>>,
  inside: Map<string, Float64Array>,
): Value {
  const of = problemOfHeads(problem, given);
  const { round } = tape.arithmetic;
  const { shape } = of.inputs;
  const wholeOf = (oracle: Oracle, tensor: string, layout: ReturnType<typeof layoutOf>): Float64Array => {
    const tensors = laidOut([{ name: tensor, layout }]);
    const places = Array.from({ length: layout.batch * layout.heads * layout.rows }, (_, at) => ({
      tensor,
      batch: Math.floor(at / (layout.heads * layout.rows)),
      head: Math.floor(at / layout.rows) % layout.heads,
      row: at % layout.rows,
    }));
    const whole = new Float64Array(places.length * layout.width);
    for (const [index, { values }] of ask(oracle).rows(places, round).entries()) {
      whole.set(values, rowIn(tensors, places[index]).at);
    }
    return whole;
  };
  const layoutIn = (name: TensorName) => layoutOf(shape, name);
  const output = layoutIn("output");
  const out = wholeOf(inner.oracle(of), OUT, output);
  return tape.made(out.length / output.width, output.width, out, (along) => {
    const oracle = gradient.oracle({ ...of, inputs: { ...of.inputs, [DOUT]: along } });
    for (const name of QKV) {
      if (problem.mechanism.made[name] === "zeros") continue;
      const gradients = wholeOf(oracle, gradientName(name), layoutIn(name));
      tape.arithmetic.add(1, gradients, 0, given[name].adjoint, 0, gradients.length);
    }
    const { inner: mechanism } = problem.mechanism;
    const specs = inputsOfHeads(problem.mechanism, inner.inputs?.(mechanism) ?? {});
    for (const name of gradient.also?.(mechanism) ?? []) {
      inside.set(name, wholeOf(oracle, gradientName(name), layoutBy(problem.shape, specs[name])));
    }
  });
}
