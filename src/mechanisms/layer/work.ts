import type { Mechanism } from "../../core/mechanism.ts";
import type { Task } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, QKV } from "../../core/shape.ts";
import type { UsefulWork } from "../../core/work.ts";
import type { Kind, LeastWork } from "../kind.ts";
import { type Layer, taskOfHeads, widthOf } from "./declare.ts";

/** Operations of the products with weights: 8·N·D² where all heads together are as wide as a token. */
function projectionFlops({ mechanism, shape }: Pick<Task<Layer>, "mechanism" | "shape">): number {
  const { batch, queries, length, headDim: modelDim } = shape;
  let flops = 2 * batch * queries * widthOf(mechanism, "output", shape) * modelDim;
  for (const name of QKV) {
    if (mechanism.made[name] !== "product") continue;
    flops += 2 * batch * (name === "q" ? queries : length) * modelDim * widthOf(mechanism, name, shape);
  }
  return flops;
}

/** The products, and what the heads require. */
export function work(task: Task<Layer>, inner: Kind<Mechanism>): UsefulWork {
  const { usefulFlops, selectFlops } = inner.work(taskOfHeads(task));
  const projectFlops = projectionFlops(task);
  return {
    pairs: null,
    usefulFlops: projectFlops + usefulFlops,
    ...(selectFlops !== undefined && { selectFlops }),
    projectFlops,
  };
}

/**
 * Three levels of Strassen's recursion leave two thirds of a product (Strassen 1969, Gaussian elimination is not
 * optimal); more gain nothing in float32.
 */
const LEAST_OF_PRODUCT = (7 / 8) ** 3;

/** The products, and the least of the heads; tokens that something is made of are read, and the output is written. */
export function leastWork(task: Task<Layer>, inner: Kind<Mechanism>): LeastWork {
  const { mechanism, shape } = task;
  const read = QKV.filter((name) => mechanism.made[name] !== "zeros");
  const elements = [...read, "output" as const].reduce((sum, name) => sum + elementCount(shape, name), 0);
  return {
    flops: LEAST_OF_PRODUCT * projectionFlops(task) + inner.leastWork(taskOfHeads(task)).flops,
    bytes: FLOAT_BYTES * elements,
  };
}
