import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, QKV } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { LAYER_GAMMA, type Layer, positionsOf, shapeOfHeads } from "../../mechanisms/layer/declare.ts";
import type { Runnable } from "../kernel.ts";
import { HeadProduct } from "./layer-heads.ts";
import { LayerProduct } from "./layer-product.ts";

/**
 * A layer: products in chunks of tokens, whatever the family does with the heads, and the last product. `prepareHeads`
 * prepares the problem of the heads, which writes into the given output.
 */
export function prepareLayer(
  problem: Problem,
  layer: Layer,
  output: Float32Array,
  prepareHeads: (problem: Problem, output: Float32Array) => Runnable,
): Runnable {
  const { inputs, shape } = problem;
  const heads = shapeOfHeads(layer, shape);
  const width = heads.valueDim;
  const products = QKV.map((name) => new HeadProduct(problem, layer, name));
  const [q, k, v] = products.map(({ values }) => values);
  const made = new Float32Array(elementCount(heads, "output"));
  const inner = prepareHeads(
    { ...problem, mechanism: layer.inner, shape: heads, inputs: { ...inputs, shape: heads, q, k, v } },
    made,
  );
  const last = new LayerProduct(heads.heads * width, shape.valueDim);
  const { batch, queries, valueDim } = shape;
  const positions = positionsOf(layer, "q");
  let projected = 0;

  /** The product of what the heads made with W^O, and what is added to it. */
  const project = (): void => {
    last.load(inputs, "output", layer.biases);
    const gamma = layer.residual ? tensorNamed(inputs, LAYER_GAMMA)[0] : null;
    const table = positions === null || gamma === null ? null : tensorNamed(inputs, positions);
    for (let entry = 0; entry < batch; entry++) {
      last.multiply(
        queries,
        (row, to) => {
          for (let head = 0; head < layer.heads; head++) {
            const from = ((entry * layer.heads + head) * queries + row) * width;
            for (let c = 0; c < width; c++) to(head * width + c, made[from + c]);
          }
        },
        (row, column, value) => {
          const at = (entry * queries + row) * valueDim + column;
          const token =
            gamma === null ? 0 : inputs.q[at] + (table === null ? 0 : table[row * valueDim + column]);
          output[at] = gamma === null ? value : token + gamma * value;
        },
      );
    }
  };

  return {
    run() {
      const start = performance.now();
      for (const product of products) product.run();
      const between = performance.now();
      inner.run();
      const end = performance.now();
      project();
      projected += (between - start + performance.now() - end) / 1e3;
    },
    output: () => output,
    projectSeconds: () => projected,
    ...(inner.choice !== undefined && { choice: () => choiceOf(inner) }),
    ...(inner.selectSeconds !== undefined && { selectSeconds: () => inner.selectSeconds?.() ?? 0 }),
    // What heads count may depend on what they chose in the last call.
    get workspaceBytes() {
      const own = made.byteLength + last.bytes + products.reduce((sum, { bytes }) => sum + bytes, 0);
      return inner.workspaceBytes === null ? null : inner.workspaceBytes + own;
    },
    get executedFlops() {
      const own = batch * last.flopsOf(queries) + products.reduce((sum, { flops }) => sum + flops, 0);
      return inner.executedFlops === null ? null : inner.executedFlops + own;
    },
    // Tokens, the heads' q, k and v, what the heads read and write, what the last product reads of that, and the output.
    get bytes() {
      const before = products.reduce((sum, { elementsMoved }) => sum + elementsMoved, 0);
      const residual = layer.residual ? elementCount(shape, "q") : 0;
      const own = FLOAT_BYTES * (before + made.length + residual + elementCount(shape, "output"));
      return inner.bytes === null ? null : inner.bytes + own;
    },
    dispose: () => inner.dispose(),
  };
}

function choiceOf({ choice }: Runnable) {
  if (choice === undefined) throw new TypeError("layer: its heads must hand out what they chose");
  return choice();
}
