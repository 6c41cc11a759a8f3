import type { Shape } from "../../../core/shape.ts";
import type { Workspace } from "../../workspace.ts";
import type { Factor } from "./factor.ts";

/** The rows of a head brought to length 1, and what comes to them; rows of zeros stay so. */
export class UnitRows {
  readonly #units: Factor & { readonly values: Float64Array; readonly sums: Float64Array };
  readonly #lengths: Float64Array;

  constructor({ queries, headDim }: Shape, workspace: Workspace) {
    this.#units = {
      values: workspace.float64(queries * headDim),
      at: 0,
      rows: queries,
      width: headDim,
      sums: workspace.float64(queries * headDim),
      sumsAt: 0,
    };
    this.#lengths = workspace.float64(queries);
  }

  open({ values, at, width }: Factor): Factor {
    const units = this.#units;
    units.sums.fill(0);
    for (let row = 0; row < units.rows; row++) {
      let squares = 0;
      for (let i = 0; i < width; i++) squares += values[at + row * width + i] ** 2;
      this.#lengths[row] = Math.sqrt(squares);
      for (let i = row * width; i < (row + 1) * width; i++) {
        units.values[i] = squares === 0 ? 0 : values[at + i] / this.#lengths[row];
      }
    }
    return units;
  }

  /** Hands on what came to the units: only what is across them, over the length. */
  close({ sums, sumsAt }: Factor): void {
    const { values, sums: ofUnits, rows, width } = this.#units;
    if (sums === null) return;
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      let along = 0;
      for (let i = at; i < at + width; i++) along += values[i] * ofUnits[i];
      if (this.#lengths[row] === 0) continue;
      for (let i = at; i < at + width; i++) {
        sums[sumsAt + i] += (ofUnits[i] - values[i] * along) / this.#lengths[row];
      }
    }
  }
}
