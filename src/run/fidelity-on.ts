import { nodesOf } from "../core/edges.ts";
import type { ParameterValues } from "../core/parameters.ts";
import { shapeOf } from "../core/shape.ts";
import type { ImageGrid, InputSource } from "../core/tensors.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { withNamed } from "../mechanisms/named-inputs.ts";
import { float64 } from "../mechanisms/oracle.ts";
import { whyUndefined } from "../mechanisms/why-undefined.ts";
import type { CaseLine, PlannedCase } from "../record/schema/result-lines.ts";
import { distanceOf } from "../verify/fidelity.ts";
import { gateRows } from "../verify/rows.ts";
import { rowsOfFull } from "./rows-of-full.ts";
import type { OnInput } from "./run-context.ts";

type FidelityOn = NonNullable<CaseLine["fidelity_on"]>;

interface Asked {
  readonly length: number;
  readonly inputs: readonly OnInput[];
  readonly seed: number;
  /** The input that the case is measured on. */
  readonly measured: Pick<InputSource, "grid">;
}

/**
 * How far a case's mathematics is from what it approximates on other inputs, each of `length` tokens, in float64: a
 * kernel plays no part. A graph's own edges are attended where it has as many nodes. Inputs over which the mathematics
 * is not defined, or approximates nothing, are left out.
 */
export function fidelityOn(
  { heads, head_dim: headDim, kv_heads, value_dim, causal, scale, params }: PlannedCase,
  declared: Variant,
  kinds: Kinds,
  { length, inputs, seed, measured }: Asked,
): FidelityOn {
  const shape = shapeOf({ batch: 1, heads, kvHeads: kv_heads, headDim, valueDim: value_dim, length });
  const places = gateRows(shape, seed);
  return inputs.flatMap(({ input, source }) => {
    const own = source.call?.edges;
    const call = { scale, ...(own !== undefined && nodesOf(own) === length && { edges: own }) };
    const variant = parameterize(declared, asWideAs(source.grid, measured.grid, declared, params));
    const { mechanism, kind } = kinds.under(variant, call);
    if (whyUndefined({ mechanism, kind }, { causal, ...call }, shape) !== null) return [];
    const problem: JudgedProblem = {
      mechanism,
      kind,
      shape,
      causal,
      threads: 1,
      inputs: withNamed({ mechanism, kind }, source.inputs(shape), seed, { source }),
    };
    const full = rowsOfFull(problem, places, call);
    if (full === null) return [];
    const rows = kind.oracle(problem).rows(places, float64);
    const error = distanceOf(
      rows.map(({ values }) => values),
      full.rows,
    );
    if (!(Number.isFinite(error) && Number.isFinite(full.meanError))) return [];
    return [{ input, length, error, mean_error: full.meanError }];
  });
}

/**
 * Parameters with the width of the image that an input is, where they have that of the image that the case is measured
 * on, or the usual one: another was set.
 */
function asWideAs(
  grid: ImageGrid | undefined,
  measured: ImageGrid | undefined,
  { params: declared }: Variant,
  params: ParameterValues,
): ParameterValues {
  if (grid === undefined) return params;
  const widths = Object.entries(declared).filter(([name, { imageWidth, default: usual }]) => {
    return imageWidth && params[name] === (measured?.width ?? usual);
  });
  return { ...params, ...Object.fromEntries(widths.map(([name]) => [name, grid.width])) };
}
