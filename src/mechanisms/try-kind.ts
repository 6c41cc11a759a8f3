import { messageOf, textOf } from "../core/errors.ts";
import { hashText, randomStream } from "../core/random.ts";
import { everyRow } from "../core/rows.ts";
import { elementCount, type Shape, shapeOf } from "../core/shape.ts";
import { whyNotSpec } from "../core/tensor-spec.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Judged } from "./judged.ts";
import { withNamed } from "./named-inputs.ts";
import { float32, float64, type Oracle } from "./oracle.ts";

/** Small enough to cost nothing, and with several heads. */
const SHAPE: Shape = shapeOf({ batch: 1, heads: 2, length: 7, headDim: 3 });

/**
 * More than this share of a row float32 cannot err on a few ordinary numbers, unless `round` does more than
 * round, or what is computed is no function of its inputs.
 */
const MOST_ERROR = 1e-3;

/**
 * What is wrong with a kind that a plug-in brings, by what it says of a few ordinary numbers; null if nothing
 * is. All that is compared with it later rests on this.
 */
export function whyUnsound({ mechanism, kind }: Judged): string | null {
  const causal = kind.causality === "always";
  const task = { mechanism, shape: SHAPE, causal, threads: 1 };
  for (const [name, spec] of Object.entries(kind.inputs?.(mechanism) ?? {})) {
    const wrong = whyNotSpec(spec);
    if (wrong !== null) return `the input ${name} ${wrong}`;
  }
  try {
    for (const [name, work] of [
      ["flops", kind.work(task).usefulFlops],
      ["the least flops", kind.leastWork(task).flops],
    ] as const) {
      if (!(typeof work === "number" && work >= 1 && work < 1e15)) {
        return `${name} must be a number of operations from 1, got ${textOf(work)}`;
      }
    }
  } catch (thrown) {
    return `flops threw ${messageOf(thrown)}`;
  }
  try {
    return wrongOracle(kind.oracle({ ...task, inputs: ordinary({ mechanism, kind }) }));
  } catch (thrown) {
    return `reference threw ${messageOf(thrown)}`;
  }
}

function wrongOracle(oracle: Oracle): string | null {
  const places = everyRow(SHAPE);
  const valuesOf = (round: typeof float64) => oracle.rows(places, round).map(({ values }) => values);
  const exact = valuesOf(float64);
  const again = valuesOf(float64);
  const rounded = valuesOf(float32);
  for (const [index, row] of exact.entries()) {
    if (!row.every(Number.isFinite)) return "reference must give finite numbers of ordinary ones";
    if (row.some((value, i) => !Object.is(value, again[index][i]))) {
      return "reference must give the same numbers again for the same inputs, got others";
    }
    if (rounded[index].some((value) => Math.fround(value) !== value)) {
      return "reference must put the result of every operation through round, got results that were not rounded";
    }
    const size = Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0));
    const off = Math.sqrt(row.reduce((sum, value, i) => sum + (value - rounded[index][i]) ** 2, 0));
    if (!(off <= MOST_ERROR * size)) {
      return `reference must be what float32 can compute, got rows that rounding moves by ${((100 * off) / size).toPrecision(2)} % of themselves`;
    }
  }
  return null;
}

function ordinary(judged: Judged): AttentionInputs {
  const { kind } = judged.mechanism;
  const tensor = (name: string) => {
    const random = randomStream(hashText(kind), hashText(name));
    return Float32Array.from({ length: elementCount(SHAPE) }, () => random.gaussian());
  };
  const inputs = { shape: SHAPE, q: tensor("q"), k: tensor("k"), v: tensor("v") };
  return withNamed(judged, inputs, hashText(kind));
}
