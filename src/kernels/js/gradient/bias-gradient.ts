import type { Shape } from "../../../core/shape.ts";
import type { Bias } from "../../../pairwise/bias.ts";
import type { LearnedTable } from "../../../pairwise/learned-table.ts";
import type { Tokens } from "../../walk-schedule.ts";
import type { Workspace } from "../../workspace.ts";
import { PairBias } from "../pair-bias.ts";
import type { Pairs } from "./pair-product.ts";

/** The gradient of a learned table, `[heads, 1, entries]`: each pair's is added to the number that it reads. */
export class BiasGradient {
  /** Tables of indices in the place of numbers: which of its numbers a pair reads. */
  readonly #entryOf: PairBias;
  readonly #entries: number;
  readonly #sums: Float64Array;
  readonly #found: Float64Array;

  constructor(
    bias: Bias & { readonly table: LearnedTable },
    { shape, causal }: { readonly shape: Shape; readonly causal: boolean },
    mostPairs: number,
    workspace: Workspace,
  ) {
    const { entries } = bias.table;
    this.#entries = entries;
    this.#entryOf = new PairBias(bias, shape, causal, workspace);
    this.#entryOf.refresh(Float32Array.from({ length: shape.heads * entries }, (_, at) => at % entries));
    this.#sums = workspace.float64(shape.heads * entries);
    this.#found = workspace.float64(mostPairs);
  }

  clear(): void {
    this.#sums.fill(0);
  }

  /** Adds the gradients of a tile's logits. */
  add(head: number, { values, stride, mask }: Pairs, rows: Tokens, keys: Tokens): void {
    this.#found.fill(0);
    this.#entryOf.add(head, this.#found, stride, rows, keys);
    for (let row = 0; row < rows.count; row++) {
      for (let key = 0; key < keys.count; key++) {
        if (mask !== null && !mask.attends(row, key)) continue;
        const at = row * stride + key;
        this.#sums[head * this.#entries + this.#found[at]] += values[at];
      }
    }
  }

  write(to: Float32Array): void {
    to.set(this.#sums);
  }
}
