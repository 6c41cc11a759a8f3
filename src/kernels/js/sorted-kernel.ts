import type { Problem, Task } from "../../core/problem.ts";
import { callBytes, FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn, TENSORS } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { SortedSums } from "./sorted-sums.ts";

/** Why split scores of a task need their pairs; null if sums over sorted keys give them. */
export function whyNotSorted(task: Task<SoftmaxPattern>): string | null {
  const { score } = task.mechanism;
  if (score?.kind !== "split") return "only split scores, such as gat's, can be summed over sorted keys";
  if (!(score.slope >= 0 && score.slope <= 1)) {
    return `sums over sorted keys need a slope from 0 to 1, got ${score.slope}`;
  }
  const pairs = task.shape.queries * task.shape.length;
  if (bindHeads(task.mechanism, task).every((pattern) => pattern.pairs() === pairs)) return null;
  return "sums over sorted keys need queries that all attend every key";
}

/**
 * `Σ_j softmax_j(leaky(a·q_i + b·k_j)) v_j` over all pairs in O(N log N). Above a query's kink `e^(s + t_j)` is
 * `e^s` times what the key contributes by itself, and below it `e^(slope · s)` times that: with keys in the
 * order of their numbers t a row is a sum from the kink up and one from the start to it, both of which other
 * rows continue.
 */
export function prepareSorted(problem: Problem, mechanism: SoftmaxPattern, output: Float32Array): Runnable {
  const { shape, inputs } = problem;
  const { batch, heads, length, queries, headDim, valueDim } = shape;
  const { score } = mechanism;
  if (score?.kind !== "split") throw new TypeError("js-sorted: the score must be split");
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const workspace = new Workspace();
  const ofQueries = workspace.float64(queries);
  const ofKeys = workspace.float64(length);
  const sums = new SortedSums(workspace, { queries, keys: length, width: valueDim, slope: score.slope });
  const vector = (name: string, head: number): Float32Array =>
    tensorNamed(inputs, name).subarray(head * headDim, (head + 1) * headDim);

  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          const kvHead = kvHeadOf(shape, head);
          products(inputs.q, offsetIn(ofQ, entry, head, 0), vector("a", head), ofQueries);
          products(inputs.k, offsetIn(ofK, entry, kvHead, 0), vector("b", head), ofKeys);
          const at = offsetIn(ofV, entry, kvHead, 0);
          const values = inputs.v.subarray(at, at + length * valueDim);
          const to = offsetIn(ofOutput, entry, head, 0);
          sums.write(ofQueries, ofKeys, values, output.subarray(to, to + queries * valueDim));
        }
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops:
      batch * heads * (2 * headDim * (queries + length) + (valueDim + 1) * (4 * length + 4 * queries)),
    // Heads that share k and v read them one after the other.
    bytes:
      callBytes(shape) +
      FLOAT_BYTES *
        batch *
        ((heads - shape.kvHeads) * headDim + (2 * heads - shape.kvHeads) * valueDim) *
        length,
    whyFewer: "the keys on either side of a query's kink are sums over sorted keys, which all queries share",
    dispose() {},
  };
}

/** The product of each row, from `at` on, with a vector. */
function products(rows: Float32Array, at: number, vector: Float32Array, to: Float64Array): void {
  for (let row = 0; row < to.length; row++) {
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += vector[i] * rows[at++];
    to[row] = sum;
  }
}
