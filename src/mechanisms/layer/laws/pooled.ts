import { everyRow } from "../../../core/rows.ts";
import type { Law } from "../../laws/law.ts";
import { keysOf, rowOf } from "../declare.ts";
import { changed, layerOf } from "./layer-problem.ts";

/** Four equal pixels are one, four times over, which no softmax sees. */
export const pooledFree: Law = {
  title: "where the pixels of each square are one, pooling is as if there were one of each",
  applies(subject) {
    const { pool, positions } = layerOf(subject).mechanism;
    return pool !== null && positions.keys === null;
  },
  async check(subject) {
    const problem = layerOf(subject);
    const { shape, mechanism } = problem;
    const { batch, length, headDim: width } = shape;
    const { pool } = mechanism;
    if (pool === null) return null;
    const row = rowOf(pool, length);
    const half = Math.floor(row / 2);
    const kept = keysOf(mechanism, length);
    /** The first pixel of a square, by its number. */
    const first = (square: number) => 2 * (Math.floor(square / half) * row + (square % half));
    const copies = (values: Float32Array) => {
      const other = values.slice();
      for (let entry = 0; entry < batch; entry++) {
        for (let square = 0; square < kept; square++) {
          const from = (entry * length + first(square)) * width;
          for (const by of [1, row, row + 1]) other.copyWithin(from + by * width, from, from + width);
        }
      }
      return other;
    };
    const ones = (values: Float32Array) => {
      const other = new Float32Array(batch * kept * width);
      for (let at = 0; at < batch * kept; at++) {
        const entry = Math.floor(at / kept);
        const from = (entry * length + first(at - entry * kept)) * width;
        other.set(values.subarray(from, from + width), at * width);
      }
      return other;
    };
    const { k, v } = problem.inputs;
    const asked = changed(problem, {}, { k: copies(k), v: copies(v) });
    const fewer = { ...shape, length: kept };
    const like = { ...changed(problem, { pool: null }, { k: ones(k), v: ones(v) }), shape: fewer };
    const inputs = { ...like.inputs, shape: fewer };
    const oracle = like.kind.oracle({ ...like, inputs });
    return subject.compare(asked, oracle, everyRow(shape), await subject.output(asked));
  },
};
