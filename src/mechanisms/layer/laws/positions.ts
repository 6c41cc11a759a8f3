import { everyRow } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { expecting } from "../../laws/expecting.ts";
import type { Law, Subject } from "../../laws/law.ts";
import { unlike } from "../../laws/like.ts";
import type { LayerProblem } from "../as-convolution.ts";
import { LAYER_POSITIONS, NO_POSITIONS, positionsOf } from "../declare.ts";
import { changed, definedRows, inputOf, layerOf, softmaxOf } from "./layer-problem.ts";

/** Where only positions that are added say which token is which. */
function isOfSets(subject: Subject): boolean {
  const inner = softmaxOf(subject);
  return (
    inner !== null &&
    !subject.causal &&
    subject.shape.length > 1 &&
    inner.pattern.role === "full" &&
    inner.bias === undefined &&
    inner.turn === undefined &&
    layerOf(subject).mechanism.pool === null
  );
}

/** The tables of positions that a layer has. */
function tablesOf({ mechanism: { positions } }: LayerProblem): readonly string[] {
  const { queries, keys } = positions;
  return [
    ...(queries === null ? [] : [LAYER_POSITIONS.queries]),
    ...(keys === null ? [] : [LAYER_POSITIONS.keys]),
  ];
}

/** Attention is of a set: what tokens are, and where, is all that counts. */
export const tokensReorder: Law = {
  title: "tokens in another order, with their positions, give the same rows in that order",
  applies: isOfSets,
  async check(subject) {
    const problem = layerOf(subject);
    const { shape } = problem;
    const asked = changed(
      problem,
      {},
      {
        ...reorderedKeys(problem),
        q: reversed(problem, "q"),
        ...(problem.mechanism.positions.queries !== null && {
          [LAYER_POSITIONS.queries]: reversed(problem, LAYER_POSITIONS.queries),
        }),
        ...(problem.mechanism.positions.keys !== null && {
          [LAYER_POSITIONS.keys]: moved(problem, LAYER_POSITIONS.keys),
        }),
      },
    );
    const rows = definedRows(problem);
    const oracle = expecting(asked, ({ row, ...place }) => rows({ ...place, row: shape.queries - 1 - row }));
    return subject.compare(asked, oracle, everyRow(shape), await subject.output(asked));
  },
};

/** Positions that are added are what makes it more than a set. */
export const positionsCount: Law = {
  title: "tokens in another order, without their positions, give other rows",
  applies: (subject) => isOfSets(subject) && layerOf(subject).mechanism.positions.keys !== null,
  async check(subject) {
    const problem = layerOf(subject);
    const asked = changed(problem, {}, reorderedKeys(problem));
    const layout = layoutOf(problem.shape, "output");
    const before = await subject.output(problem);
    const oracle = expecting(asked, ({ batch, head, row }) => {
      const at = offsetIn(layout, batch, head, row);
      return Float64Array.from(before.subarray(at, at + layout.width));
    });
    const different = subject.compare(asked, oracle, everyRow(problem.shape), await subject.output(asked));
    return different === null
      ? "keys and values in another order gave the same rows, as if tokens had no positions"
      : null;
  },
};

/** Nothing added is nothing added. */
export const noPositions: Law = {
  title: "positions of zeros are as none",
  applies: (subject) => tablesOf(layerOf(subject)).length > 0,
  async check(subject) {
    const problem = layerOf(subject);
    const none = tablesOf(problem).map((name) => [name, new Float32Array(inputOf(problem, name).length)]);
    const asked = changed(problem, {}, Object.fromEntries(none));
    return unlike(subject, asked, changed(problem, { positions: NO_POSITIONS }));
  },
};

/** If all values are of one token, positions of keys change weights alone, which sum to 1. */
export const valuesUnplaced: Law = {
  title: "values carry no position: where all tokens of values are one, positions of keys change nothing",
  applies(subject) {
    const inner = softmaxOf(subject);
    const { mechanism } = layerOf(subject);
    return (
      inner !== null &&
      inner.normaliser === undefined &&
      inner.pattern.role === "full" &&
      !subject.causal &&
      mechanism.positions.keys !== null &&
      positionsOf(mechanism, "v") === null
    );
  },
  async check(subject) {
    const problem = layerOf(subject);
    const { length, headDim: width } = problem.shape;
    const { v } = problem.inputs;
    const first = (at: number) => v[Math.floor(at / (length * width)) * length * width + (at % width)];
    const one = changed(problem, {}, { v: v.map((_, at) => first(at)) });
    const table = new Float32Array(inputOf(problem, LAYER_POSITIONS.keys).length);
    return unlike(subject, one, changed(one, {}, { [LAYER_POSITIONS.keys]: table }));
  },
};

/** Keys and values a third of the way on, the last of them first. */
function reorderedKeys(problem: LayerProblem): Readonly<Record<"k" | "v", Float32Array>> {
  return { k: moved(problem, "k"), v: moved(problem, "v") };
}

function moved(problem: LayerProblem, name: string): Float32Array {
  const by = Math.max(1, Math.floor(problem.shape.length / 3));
  return reordered(problem, name, problem.shape.length, (row, rows) => (row + by) % rows);
}

function reversed(problem: LayerProblem, name: string): Float32Array {
  return reordered(problem, name, problem.shape.queries, (row, rows) => rows - 1 - row);
}

/** A tensor whose rows are those that `from` names, in each batch entry. */
function reordered(
  problem: LayerProblem,
  name: string,
  rows: number,
  from: (row: number, rows: number) => number,
): Float32Array {
  const values = inputOf(problem, name);
  const { width } = layoutOf(problem.shape, "q");
  const other = new Float32Array(values.length);
  for (let row = 0; row < values.length / width; row++) {
    const entry = Math.floor(row / rows);
    const at = (entry * rows + from(row - entry * rows, rows)) * width;
    other.set(values.subarray(at, at + width), row * width);
  }
  return other;
}
