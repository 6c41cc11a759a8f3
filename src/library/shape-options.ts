import type { LayerSettings } from "../core/call-settings.ts";
import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { printable, UsageError } from "../core/errors.ts";
import { OPERATIONS } from "../core/operation.ts";
import { checkShape, type Shape, shapeOf } from "../core/shape.ts";
import type { InputSource } from "../core/tensors.ts";
import { parsePositions } from "../mechanisms/layer/around.ts";
import type { Mode } from "../record/schema/result-lines.ts";
import { parseInteger, parseLength, type Typed } from "../text/units.ts";

/** What was typed about the shape, besides lengths; undefined if it was not. */
export interface TypedShape {
  readonly layer?: boolean | undefined;
  readonly modelDim?: Typed | undefined;
  readonly batch?: Typed | undefined;
  readonly heads?: Typed | undefined;
  readonly kvHeads?: Typed | undefined;
  readonly headDim?: Typed | undefined;
  readonly valueDim?: Typed | undefined;
  readonly positions?: string | undefined;
}

/** The dimensions of heads, and the layer around them; null if there is none. */
export interface Dimensions {
  readonly heads: Omit<Shape, "length" | "queries">;
  readonly layer: LayerSettings | null;
}

/**
 * All of a shape but its tokens: as typed, or as the input fixes it, or as usual. Refuses heads of q that
 * cannot share those of k and v evenly. The heads of a layer are parts of its tokens, whose width the input fixes.
 */
export function dimensionsOf(typed: TypedShape, source: InputSource): Dimensions {
  if (typed.layer === true) return layerDimensions(typed, source);
  for (const [option, value] of [
    ["--model-dim", typed.modelDim],
    ["--positions", typed.positions],
  ] as const) {
    if (value === undefined) continue;
    throw new UsageError(`${option}: only layers have one, got ${printable(String(value), 60)}; add --layer`);
  }
  return { heads: headDimensions(typed, source), layer: null };
}

/** The shape of a call over these tokens: of the heads, or of whole tokens around them. */
export function callShape({ heads, layer }: Dimensions, length: number, queries: number | undefined): Shape {
  if (layer === null) return checkShape(shapeOf({ ...heads, length, queries }));
  const { batch } = heads;
  return checkShape(shapeOf({ batch, heads: 1, length, queries, headDim: layer.modelDim }));
}

function layerDimensions(typed: TypedShape, { fixed, call, grid }: InputSource): Dimensions {
  if (fixed !== undefined && (fixed.heads !== 1 || fixed.kvHeads !== 1 || fixed.valueDim !== fixed.headDim)) {
    throw new UsageError(
      `--layer: the input must hold tokens [batch, length, model dim], got ${fixed.heads} heads ${fixed.headDim} wide; omit the option, or save what the layer is given`,
    );
  }
  const batch = dimensionOf("--batch", typed.batch, PLAN_DEFAULTS.batch, fixed?.batch);
  const modelDim = dimensionOf("--model-dim", typed.modelDim, PLAN_DEFAULTS.modelDim, fixed?.headDim);
  const heads = dimensionOf("--heads", typed.heads, PLAN_DEFAULTS.layerHeads, undefined);
  const kvHeads = dimensionOf("--kv-heads", typed.kvHeads, heads, undefined);
  refuseUnevenHeads(heads, kvHeads);
  if (typed.headDim === undefined && modelDim % heads !== 0) {
    throw new UsageError(
      `--heads: must divide the ${modelDim} channels of a token, got ${heads}; ask for others, or say how wide they are with --head-dim`,
    );
  }
  const headDim = dimensionOf("--head-dim", typed.headDim, modelDim / heads, undefined);
  const valueDim = dimensionOf("--value-dim", typed.valueDim, headDim, undefined);
  const asked = typed.positions === undefined ? null : parsePositions("--positions", typed.positions);
  // An image knows how wide it is.
  const positions = asked === "2d-sine" && grid !== undefined ? `${asked}:${grid.width}` : asked;
  const biases = call?.biases === true;
  return {
    heads: { batch, heads, kvHeads, headDim, valueDim },
    layer: { modelDim, heads, kvHeads, headDim, valueDim, positions, biases },
  };
}

function headDimensions(typed: TypedShape, { fixed, call }: InputSource): Omit<Shape, "length" | "queries"> {
  const batch = dimensionOf("--batch", typed.batch, PLAN_DEFAULTS.batch, fixed?.batch);
  if (batch > 1 && fixed === undefined && call?.edges !== undefined) {
    throw new UsageError(`--batch: the input is one graph, got ${batch} batch entries; omit the option`);
  }
  const heads = dimensionOf("--heads", typed.heads, PLAN_DEFAULTS.heads, fixed?.heads);
  const kvHeads = dimensionOf("--kv-heads", typed.kvHeads, heads, fixed?.kvHeads);
  const headDim = dimensionOf("--head-dim", typed.headDim, PLAN_DEFAULTS.headDim, fixed?.headDim);
  const valueDim = dimensionOf("--value-dim", typed.valueDim, headDim, fixed?.valueDim);
  refuseUnevenHeads(heads, kvHeads);
  return { batch, heads, kvHeads, headDim, valueDim };
}

/**
 * What the line on an input adds where the heads of a layer are as many as is usual: a file of its weights does not say how
 * many it was trained with. Empty otherwise.
 */
export function usualHeadsRemark({ fixed }: InputSource, layer: Pick<LayerSettings, "heads">): string {
  if (fixed === undefined || layer.heads !== PLAN_DEFAULTS.layerHeads) return "";
  return `; the file does not say how many heads, ${PLAN_DEFAULTS.layerHeads} are usual: give others with --heads`;
}

function refuseUnevenHeads(heads: number, kvHeads: number): void {
  if (heads % kvHeads === 0) return;
  throw new UsageError(
    `--kv-heads: must divide the ${heads} heads of q, got ${kvHeads}; ask for other --heads, or for fewer of these`,
  );
}

/** The most that one dimension may be. */
const LARGEST = 2 ** 20;

/**
 * A dimension as typed, or as the input fixes it, or the usual one. What an input fixes may be repeated but
 * not changed.
 */
function dimensionOf(
  option: string,
  typed: Typed | undefined,
  usual: number,
  own: number | undefined,
): number {
  const value = typed === undefined ? own : parseInteger(option, typed, 1, LARGEST);
  if (own !== undefined && value !== own) throw ofInput(option, own, value);
  return value ?? usual;
}

function ofInput(option: string, own: number, value: number | undefined): UsageError {
  return new UsageError(`${option}: the input has ${own}, got ${value}; omit the option`);
}

/**
 * The queries at every length, as typed or as the input fixes them; undefined if they are the same tokens as
 * the keys. Refuses others than the input's, and any if tokens are decoded.
 */
export function queriesOf(
  typed: Typed | undefined,
  lengths: readonly number[],
  mode: Mode,
  { fixed, maxLength }: InputSource,
): number | undefined {
  const asked = typed === undefined ? undefined : parseLength("--queries", typed);
  if (OPERATIONS[mode].keepsState) refuseDecoding(asked, fixed?.queries, maxLength);
  if (fixed === undefined || asked === undefined) return asked ?? fixed?.queries;
  if (fixed.queries !== undefined) {
    if (asked === fixed.queries) return asked;
    throw ofInput("--queries", fixed.queries, asked);
  }
  const other = lengths.find((length) => length !== asked);
  if (other === undefined) return asked;
  throw new UsageError(
    `--queries: the input's queries and keys are the same tokens, ${other} of them, got ${asked}; omit the option`,
  );
}

function refuseDecoding(asked: number | undefined, own: number | undefined, keys: number): void {
  if (asked !== undefined) {
    throw new UsageError(
      `--queries: tokens are decoded one after the other, each a query and a key, got ${asked}; omit the option`,
    );
  }
  if (own === undefined) return;
  throw new UsageError(
    `--mode decode: the input must have a query for each key, got ${own} for ${keys}; omit the option, or capture a call on a whole text`,
  );
}

/**
 * Tokens for each batch entry; a source without a batch of its own shares its tokens among the entries, an image whole
 * rows.
 */
export function longestOf({ fixed, maxLength, grid }: InputSource, batch: number): number {
  const shared =
    grid === undefined ? Math.floor(maxLength / batch) : grid.width * Math.floor(grid.height / batch);
  const longest = fixed === undefined ? shared : maxLength;
  if (longest >= 1) return longest;
  throw new UsageError(
    `--batch: the input has ${maxLength} tokens in all, got ${batch} batch entries; ask for fewer`,
  );
}
