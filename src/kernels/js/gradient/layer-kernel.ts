import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, QKV } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  gradientName,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import { type Layer, shapeOfHeads } from "../../../mechanisms/layer/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { Workspace } from "../../workspace.ts";
import { HeadProduct } from "../layer-heads.ts";
import { OutputBack } from "./layer-output.ts";
import { headsAlso } from "./layer-tensors.ts";
import { TokensBack } from "./layer-tokens.ts";

/**
 * A layer on the way back: dout through W^O to the heads, whatever the family does with those, and what came to q, k and v
 * through their products to weights and tokens. What is saved is what the heads were given and have made, and what they
 * save. `prepareHeads` prepares a problem of the heads, forwards or back.
 */
export function prepareLayerGradient(
  problem: Problem<Gradient<Layer>>,
  output: Float32Array,
  prepareHeads: (problem: Problem, output: Float32Array) => Runnable,
): Runnable {
  const within = problemWithin(problem);
  const { mechanism: layer, shape, inputs } = within;
  const { mechanism } = problem;
  const { out, gradients } = gradientArrays(problem, output);
  const heads = shapeOfHeads(layer, shape);
  const workspace = new Workspace();
  const products = QKV.map((name) => new HeadProduct(within, layer, name));
  const [q, k, v] = products.map(({ values }) => values);
  const isTraining = out !== null;
  const ofHeads = new Float32Array(elementCount(heads, "output"));
  const inputsOfHeads = { ...inputs, shape: heads, q, k, v, [DOUT]: ofHeads };
  const inside: Problem<Gradient> = {
    ...within,
    mechanism: { ...mechanism, of: layer.inner, also: headsAlso(mechanism.also) },
    shape: heads,
    inputs: inputsOfHeads,
  };
  const made = new Float32Array(gradientCount(inside));
  const inner = prepareHeads(inside, made);
  const innerTensors = gradientArrays(inside, made);
  // A training pass gives what the heads make; a backward pass is given it.
  const headsOut = innerTensors.out ?? new Float32Array(elementCount(heads, "output"));
  const forward = isTraining ? null : prepareHeads({ ...inside, mechanism: layer.inner }, headsOut);
  workspace.add(ofHeads, made);
  if (!isTraining) workspace.add(headsOut);
  const last = new OutputBack(within, gradients, { headsOut, ofHeads }, workspace);
  const tokens = new TokensBack(within, gradients, products, innerTensors.gradients, workspace);
  const saved = [
    ...new Set([
      ...products.flatMap(({ values, whole }) => [values, whole]).filter((one) => !isInput(one)),
      headsOut,
      ...(inner.saved?.() ?? []),
    ]),
  ];
  const seconds = new Float64Array(1);

  function isInput(array: Float32Array): boolean {
    return QKV.some((name) => inputs[name] === array);
  }

  const handOn = (): void => {
    for (const name of headsAlso(mechanism.also)) {
      const to = gradientName(name);
      gradients[to].set(innerTensors.gradients[to]);
    }
  };
  const run = (): void => {
    const start = performance.now();
    if (isTraining) for (const product of products) product.run();
    last.toHeads();
    const between = performance.now();
    inner.run();
    const end = performance.now();
    if (out !== null) last.writeOutput(out);
    last.toWeights();
    tokens.run(last.ofResidual());
    seconds[0] += (between - start + performance.now() - end) / 1e3;
    handOn();
  };
  const productFlops = products.reduce((sum, { flops }) => sum + flops, 0);
  return {
    ...(!isTraining && {
      save() {
        for (const product of products) product.run();
        forward?.run();
        inner.save?.();
      },
      saved: () => saved,
    }),
    run,
    output: () => output,
    projectSeconds: () => seconds[0],
    ...(inner.choice !== undefined && { choice: inner.choice.bind(inner) }),
    ...(inner.selectSeconds !== undefined && { selectSeconds: inner.selectSeconds.bind(inner) }),
    get workspaceBytes() {
      const own = workspace.bytes + products.reduce((sum, { bytes }) => sum + bytes, 0);
      const others = [inner, ...(forward === null ? [] : [forward])];
      return others.reduce((sum, { workspaceBytes }) => sum + (workspaceBytes ?? 0), own);
    },
    get executedFlops() {
      const own = 2 * productFlops + last.flops + (isTraining ? productFlops + last.flops / 2 : 0);
      return (inner.executedFlops ?? 0) + own;
    },
    get bytes() {
      const moved = products.reduce((sum, { elementsMoved }) => sum + elementsMoved, 0);
      const own = (isTraining ? 3 : 2) * moved + output.length + 2 * headsOut.length;
      return (inner.bytes ?? 0) + FLOAT_BYTES * own;
    },
    dispose() {
      inner.dispose();
      forward?.dispose();
    },
  };
}

/** Numbers that a gradient writes. */
function gradientCount({ mechanism, shape, inputs }: Problem<Gradient>): number {
  const own = [...QKV, ...(mechanism.pass === "train" ? (["output"] as const) : [])];
  const ofTokens = own.reduce((sum, name) => sum + elementCount(shape, name), 0);
  return mechanism.also.reduce((sum, name) => sum + tensorNamed(inputs, name).length, ofTokens);
}
