import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { FeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { buildCall, type CallBuilder } from "../gpu/call-builder.ts";
import type { Storage } from "../gpu/storage.ts";
import type { Means } from "../means.ts";
import { gridOf } from "../wgsl/grid.ts";
import { TILE } from "../wgsl/tile-product.ts";
import { type CallSizes, callWords } from "./call-uniform.ts";
import { preparedBytes, preparedLabel, statesBytes } from "./kept.ts";
import { type MapPlan, planMap } from "./plan.ts";
import { PREPARE, preparedSizes, productsText, type Side, softmaxesText } from "./prepare-rows.ts";
import { ROWS, rowsShader } from "./rows.ts";
import { SCAN, SCAN_THREADS, scanText } from "./scan.ts";
import { rowTiles, segmentsOf } from "./segments.ts";
import type { FeatureShaders } from "./shaders.ts";
import { stateLayout } from "./state-layout.ts";
import { SUMS, sumsText } from "./sums.ts";
import { featureFlops } from "./work.ts";

/**
 * Linear attention through a feature map in three dispatches: sums of segments, a scan over them, and rows.
 * What features are of a whole row is made before, and read by all three.
 */
export async function prepareFeatureMap(
  problem: Problem<FeatureMap>,
  { device, output }: Means,
): Promise<Runnable> {
  return await buildCall(device, problem, output, async (builder) => {
    const { shape, causal, mechanism } = problem;
    const map = planMap(mechanism, shape);
    const state = stateLayout(map.blocks, shape.valueDim);
    const most = device.gpu.limits.maxStorageBufferBindingSize;
    const cut = segmentsOf(shape, map, state, causal, most);
    const { batch, heads, kvHeads, length, queries, valueDim } = shape;
    const sizes = {
      length,
      queries,
      heads,
      kvHeads,
      slices: batch * kvHeads,
      ...cut,
      origin: Math.max(0, queries - length),
      epsilon: map.epsilon,
    };
    const rowsOf = (width: number, storage: Storage) => ({ width, storage });
    const made = map.preparation === null ? builder.storage : "float32";
    const shaders: FeatureShaders = {
      map,
      queries: rowsOf(map.width, made),
      keys: rowsOf(map.width, made),
      values: rowsOf(valueDim, builder.storage),
      state,
      causal,
      blocks: state.columnBlocks === 1 ? 1 : 2,
    };
    const [q, k] = [
      await preparedRows(builder, "q", map, shape),
      await preparedRows(builder, "k", map, shape),
    ];
    await dispatchAll(builder, shaders, sizes, { q, k });
    return { executedFlops: featureFlops(shaders, shape, sizes), bytes: null };
  });
}

/** What features of q or k are made of: the tensor, or what a dispatch makes of it. */
async function preparedRows(
  builder: CallBuilder,
  side: Side,
  map: MapPlan,
  shape: Shape,
): Promise<GPUBuffer> {
  const { batch, heads, kvHeads, length, queries, headDim } = shape;
  const { preparation } = map;
  const rows = builder.input(side);
  if (preparation === null) return rows;
  const [own, count] = side === "q" ? [heads, queries] : [kvHeads, length];
  const slices = batch * own;
  const to = builder.scratch(preparedLabel(side), preparedBytes(map, shape, side));
  const sizes = builder.uniform("sizes", preparedSizes(count, own, kvHeads, slices));
  const bindings = { [PREPARE.sizes]: sizes, [PREPARE.rows]: rows, [PREPARE.to]: to };
  if (preparation.form === "softmaxes") {
    await builder.dispatch({
      label: "softmaxes over channels",
      code: softmaxesText(map, headDim, builder.storage),
      bindings,
      groups: [...gridOf(Math.ceil((slices * count) / 64)), 1],
    });
    return to;
  }
  const tiles = Math.ceil(count / TILE.rows) * Math.ceil(preparation.rows / TILE.columns);
  await builder.dispatch({
    label: `products of ${side} with ${preparation.learned}`,
    code: productsText(map, preparation, side, headDim, builder.storage),
    bindings: { ...bindings, [PREPARE.learned]: builder.input(preparation.learned) },
    groups: [...gridOf(slices * tiles), 1],
  });
  return to;
}

async function dispatchAll(
  builder: CallBuilder,
  shaders: FeatureShaders,
  sizes: CallSizes,
  { q, k }: { readonly q: GPUBuffer; readonly k: GPUBuffer },
): Promise<void> {
  const { map, state, causal, blocks } = shaders;
  const { slices, segments, summed, length, queries, heads, kvHeads } = sizes;
  const call = builder.uniform("call", callWords(sizes));
  const states = builder.scratch("states", statesBytes(state, slices, sizes));
  const exponents = (label: string) =>
    builder.scratch(label, FLOAT_BYTES * slices * segments * map.blocks * TILE.rows);
  const scales = map.scaled ? { tops: exponents("tops"), before: exponents("before") } : null;
  const table = map.table === null ? null : builder.constant("table", map.table);
  const v = builder.input("v");
  if (summed > 0) {
    await builder.dispatch({
      label: "sums of segments",
      code: sumsText(shaders),
      bindings: {
        [SUMS.call]: call,
        [SUMS.k]: k,
        [SUMS.v]: v,
        [SUMS.states]: states,
        ...(scales !== null && { [SUMS.tops]: scales.tops }),
        ...(table !== null && { [SUMS.table]: table }),
      },
      groups: [...gridOf(slices * summed * map.blocks * state.columnBlocks), 1],
    });
    await builder.dispatch({
      label: "scan of segments",
      code: scanText(shaders),
      bindings: {
        [SCAN.call]: call,
        [SCAN.states]: states,
        ...(scales !== null && { [SCAN.tops]: scales.tops, [SCAN.before]: scales.before }),
      },
      groups: [...gridOf(Math.ceil((slices * state.quads) / SCAN_THREADS)), 1],
    });
  }
  const tiles = rowTiles(length, queries, causal);
  await builder.dispatch({
    label: "rows",
    code: rowsShader(shaders),
    bindings: {
      [ROWS.call]: call,
      [ROWS.q]: q,
      [ROWS.states]: states,
      [ROWS.out]: builder.output,
      ...(causal && { [ROWS.k]: k, [ROWS.v]: v }),
      ...(scales !== null && { [ROWS.before]: scales.before }),
      ...(scales !== null && causal && { [ROWS.tops]: scales.tops }),
      ...(table !== null && { [ROWS.table]: table }),
    },
    groups: [...gridOf((slices / kvHeads) * heads * tiles * Math.ceil(state.columnBlocks / blocks)), 1],
  });
}
