import type { LayerSettings } from "../../core/call-settings.ts";
import { dtypeField } from "../../core/dtype.ts";
import type { Mechanism } from "../../core/mechanism.ts";
import { OPERATIONS, type Operation, USUAL_OPERATION } from "../../core/operation.ts";
import type { Task } from "../../core/problem.ts";
import { checkShape, type Shape, shapeOf } from "../../core/shape.ts";
import type { CaseIdentity, Mode, PlannedCase } from "./result-lines.ts";

type Sized = Pick<
  CaseIdentity,
  "length" | "batch" | "heads" | "head_dim" | "mode" | "kv_heads" | "queries" | "value_dim" | "model_dim"
>;

/** Which operation one call of a case is. */
export function modeOf({ mode = USUAL_OPERATION }: Pick<CaseIdentity, "mode">): Mode {
  return mode;
}

/** What one call of a case is. */
export function operationOf(one: Pick<CaseIdentity, "mode">): Operation {
  return OPERATIONS[modeOf(one)];
}

/** How a case states its operation: the usual is omitted. */
export function modeField(mode: Mode): Pick<CaseIdentity, "mode"> {
  return mode === USUAL_OPERATION ? {} : { mode };
}

/** The shape of the q, k and v that a case takes in. */
export function inputShapeOf(one: Sized): Shape {
  return shapeOver(one, operationOf(one).tokens(one.length));
}

/**
 * The shape of the outputs that a case is checked against: those of a window of steps, or of all tokens taken
 * in.
 */
export function outputShapeOf(one: Sized): Shape {
  return shapeOver(one, operationOf(one).outputs(one.length));
}

/** Tokens that a case of the given length takes in. */
export function tokensOf(mode: Mode, length: number): number {
  return OPERATIONS[mode].tokens(length);
}

/** What a kernel is asked to do for a case: to decode, the length is the capacity. */
export function taskOfCase(
  one: Sized & Pick<CaseIdentity, "causal" | "threads" | "dtype">,
  mechanism: Mechanism,
): Task {
  const { causal, threads, dtype } = one;
  const shape = shapeOver(one, operationOf(one).capacity(one.length));
  return { mechanism, shape, causal, threads, ...dtypeField(dtype) };
}

/**
 * Over as many tokens; queries that are other tokens than the keys remain as many as they are. The call of a layer has
 * whole tokens.
 */
function shapeOver(one: Sized, length: number): Shape {
  if (one.model_dim !== undefined) {
    const { batch, queries, model_dim: headDim } = one;
    return checkShape(shapeOf({ batch, heads: 1, length, queries, headDim }));
  }
  const { batch, heads, head_dim: headDim, kv_heads: kvHeads, queries, value_dim: valueDim } = one;
  return checkShape(shapeOf({ batch, heads, kvHeads, length, queries, headDim, valueDim }));
}

/** How a case states its shape: what is as usual is omitted. */
export function shapeFields(shape: Shape): Omit<Sized, "mode"> {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  return {
    batch,
    heads,
    length,
    head_dim: headDim,
    ...(kvHeads !== heads && { kv_heads: kvHeads }),
    ...(queries !== length && { queries }),
    ...(valueDim !== headDim && { value_dim: valueDim }),
  };
}

/** How a case states the layer around its heads. */
export function layerFields(layer: LayerSettings | undefined): Pick<CaseIdentity, "model_dim" | "positions"> {
  if (layer === undefined) return {};
  const { modelDim, positions } = layer;
  return { model_dim: modelDim, ...(positions !== null && { positions }) };
}

/** The layer around the heads of a case; undefined if there is none. */
export function layerOf(
  one: Pick<CaseIdentity, "heads" | "kv_heads" | "head_dim" | "value_dim" | "model_dim" | "positions">,
  biases: boolean,
): LayerSettings | undefined {
  const { heads, kv_heads: kvHeads = heads, head_dim: headDim, value_dim: valueDim = headDim } = one;
  const { model_dim: modelDim, positions = null } = one;
  if (modelDim === undefined) return undefined;
  return { modelDim, heads, kvHeads, headDim, valueDim, positions, biases };
}

/** What results say about where a case's queries stand, if that matters: it follows from what the case is. */
export function alignmentField(
  one: Pick<CaseIdentity, "causal" | "length" | "queries">,
): Pick<PlannedCase, "alignment"> {
  const { causal, length, queries = length } = one;
  return causal && queries !== length ? { alignment: "end" } : {};
}
