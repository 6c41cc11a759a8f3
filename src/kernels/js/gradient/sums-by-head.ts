import type { Problem } from "../../../core/problem.ts";
import { countOf, kvHeadOf, type Layout, layoutOf, offsetIn, QKV } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { DOUT, gradientName } from "../../../mechanisms/gradient/declare.ts";
import type { Workspace } from "../../workspace.ts";
import type { Factor } from "./factor.ts";

/** How weights lie that each head has of its own. */
export function weightsOf(heads: number, rows: number, width: number): Layout {
  return { batch: 1, heads, rows, width };
}

/** The head of q that is computed, and the head of k and v that it reads. */
export interface HeadAt {
  readonly entry: number;
  readonly head: number;
  readonly kvHead: number;
}

/**
 * The sums of one head of q and of one of k and v, and those of all weights, in float64: heads that share k and v follow
 * one another, and what is done is the same in every call.
 */
export class SumsByHead {
  readonly #problem: Problem;
  readonly #gradients: Readonly<Record<string, Float32Array>>;
  readonly #layouts: ReadonlyMap<string, Layout>;
  readonly #sums = new Map<string, Float64Array>();
  readonly #dout: Float32Array;

  /** `weights` say how the inputs besides q, k and v lie, of which those that have a gradient are summed. */
  constructor(
    problem: Problem,
    weights: Readonly<Record<string, Layout>>,
    gradients: Readonly<Record<string, Float32Array>>,
    workspace: Workspace,
  ) {
    const { shape, inputs } = problem;
    this.#problem = problem;
    this.#gradients = gradients;
    this.#dout = tensorNamed(inputs, DOUT);
    this.#layouts = new Map([
      ...QKV.map((name) => [name, layoutOf(shape, name)] as const),
      ...Object.entries(weights),
    ]);
    for (const [name, layout] of this.#layouts) {
      if (!Object.hasOwn(gradients, gradientName(name))) continue;
      const count = isWeight(name) ? countOf(layout) : layout.rows * layout.width;
      this.#sums.set(name, workspace.float64(count));
    }
  }

  /** Calls `act` for each head, between which sums are written and begin anew. */
  run(act: (at: HeadAt) => void): void {
    const { shape } = this.#problem;
    const { batch, heads, kvHeads } = shape;
    for (const sum of this.#sums.values()) sum.fill(0);
    for (let entry = 0; entry < batch; entry++) {
      for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
        for (let head = 0; head < heads; head++) {
          if (kvHeadOf(shape, head) !== kvHead) continue;
          act({ entry, head, kvHead });
          this.#write("q", entry, head);
        }
        this.#write("k", entry, kvHead);
        this.#write("v", entry, kvHead);
      }
    }
    for (const [name, sum] of this.#sums) if (isWeight(name)) this.#gradients[gradientName(name)].set(sum);
  }

  /** One head of an input, and its sums. */
  factor(name: string, { entry, head, kvHead }: HeadAt): Factor {
    const { inputs, shape } = this.#problem;
    const layout = this.#layouts.get(name);
    if (layout === undefined) throw new TypeError(`gradient: there must be an input ${name}`);
    const own = layout.heads === shape.heads ? head : layout.heads === 1 ? 0 : kvHead;
    const at = offsetIn(layout, layout.batch === 1 ? 0 : entry, own, 0);
    const sums = this.#sums.get(name) ?? null;
    const { rows, width } = layout;
    const values = name === "q" || name === "k" || name === "v" ? inputs[name] : tensorNamed(inputs, name);
    return { values, at, rows, width, sums, sumsAt: isWeight(name) ? at : 0 };
  }

  /** The head's rows of dout: where they begin. */
  dout({ entry, head }: HeadAt): { readonly values: Float32Array; readonly at: number } {
    return { values: this.#dout, at: offsetIn(layoutOf(this.#problem.shape, "output"), entry, head, 0) };
  }

  #write(name: "q" | "k" | "v", entry: number, head: number): void {
    const sum = this.#sums.get(name);
    const layout = this.#layouts.get(name);
    if (sum === undefined || layout === undefined) return;
    this.#gradients[gradientName(name)].set(sum, offsetIn(layout, entry, head, 0));
    sum.fill(0);
  }
}

function isWeight(name: string): boolean {
  return !QKV.some((one) => one === name);
}
