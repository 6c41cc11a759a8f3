import { countOf, kvHeadOf, layoutOf, offsetIn, type Shape, type TensorName } from "../../src/core/shape.ts";
import { layoutBy } from "../../src/core/tensor-spec.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";

/** The same call with a head of k and v for every head of q, and of what the layer has for each of them. */
export function repeated(problem: JudgedProblem): JudgedProblem {
  const { inputs, kind, mechanism } = problem;
  const shape = { ...problem.shape, kvHeads: problem.shape.heads };
  const repeat = (name: "k" | "v"): Float32Array =>
    slicesOf(shape, name, (entry, head) =>
      sliceOf(problem.shape, inputs[name], name, entry, kvHeadOf(problem.shape, head)),
    );
  const specs = Object.entries(kind.inputs?.(mechanism) ?? {}).filter(([, { dims }]) =>
    dims.includes("kvHeads"),
  );
  const learned = specs.map(([name, spec]) => {
    // What the layer has is the same for every batch entry.
    const { batch, heads, rows, width } = layoutBy(problem.shape, spec);
    const [from, size] = [tensorNamed(inputs, name), rows * width];
    const slices = Array.from({ length: batch * shape.heads }, (_, slice) => {
      const [entry, head] = [Math.floor(slice / shape.heads), slice % shape.heads];
      const at = (entry * heads + kvHeadOf(problem.shape, head)) * size;
      return [...from.subarray(at, at + size)];
    });
    return [name, Float32Array.from(slices.flat())];
  });
  const named = Object.fromEntries(learned);
  return { ...problem, shape, inputs: { ...inputs, ...named, shape, k: repeat("k"), v: repeat("v") } };
}

/** A tensor made of slices, one for every batch entry and head. */
export function slicesOf(
  shape: Shape,
  name: TensorName,
  of: (entry: number, head: number) => Float32Array,
): Float32Array {
  const layout = layoutOf(shape, name);
  const made = new Float32Array(countOf(layout));
  for (let entry = 0; entry < layout.batch; entry++) {
    for (let head = 0; head < layout.heads; head++) {
      made.set(of(entry, head), offsetIn(layout, entry, head, 0));
    }
  }
  return made;
}

/** The slice of one head of a batch entry. */
export function sliceOf(
  shape: Shape,
  numbers: Float32Array,
  name: TensorName,
  entry: number,
  head: number,
): Float32Array {
  const layout = layoutOf(shape, name);
  const at = offsetIn(layout, entry, head, 0);
  return numbers.subarray(at, at + layout.rows * layout.width);
}
