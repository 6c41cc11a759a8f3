import type { Tokens } from "../../walk-schedule.ts";
import type { Workspace } from "../../workspace.ts";
import type { Rotation } from "../rotation.ts";

/** The gradient of one head's rows, `[rows, width]`, added up tile by tile. */
export class HeadSums {
  readonly #values: Float64Array;
  readonly #width: number;

  constructor(rows: number, width: number, workspace: Workspace) {
    this.#values = workspace.float64(rows * width);
    this.#width = width;
  }

  clear(): void {
    this.#values.fill(0);
  }

  /** Adds the rows of a tile, which are of these tokens, and empties them. */
  take(tile: Float64Array, tokens: Tokens): void {
    const width = this.#width;
    for (let row = 0; row < tokens.count; row++) {
      const to = tokens.token(row) * width;
      for (let i = 0; i < width; i++) this.#values[to + i] += tile[row * width + i];
    }
    tile.fill(0, 0, tokens.count * width);
  }

  /** Writes them, turned back from their positions, which count from `first`, if they were turned. */
  write(to: Float32Array, at: number, rotation: Rotation | null = null, first = 0): void {
    const rows = this.#values.length / this.#width;
    if (rotation !== null) {
      for (let row = 0; row < rows; row++) rotation.turnBack(this.#values, row * this.#width, first + row);
    }
    to.set(this.#values, at);
  }
}
