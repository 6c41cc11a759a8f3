import type { Mechanism } from "../../core/mechanism.ts";
import type { Task } from "../../core/problem.ts";
import { checkShape, type Shape } from "../../core/shape.ts";
import { stepWindow } from "../../core/step-window.ts";
import type { CaseIdentity, Mode } from "./result-lines.ts";

type Sized = Pick<CaseIdentity, "length" | "batch" | "heads" | "head_dim" | "mode">;

/** What one call of a case is. */
export function modeOf({ mode = "forward" }: Pick<CaseIdentity, "mode">): Mode {
  return mode;
}

/** The shape of the q, k and v that a case takes in. */
export function inputShapeOf(one: Sized): Shape {
  return shapeOver(one, tokensOf(modeOf(one), one.length));
}

/** The shape of the outputs that a case is held to: those of a window of steps, or of all that is taken in. */
export function outputShapeOf(one: Sized): Shape {
  return modeOf(one) === "decode" ? shapeOver(one, stepWindow(one.length).steps) : inputShapeOf(one);
}

/** Tokens that a case of so many takes in. */
export function tokensOf(mode: Mode, length: number): number {
  switch (mode) {
    case "forward":
      return length;
    case "recompute":
      return length + 1;
    case "decode":
      return stepWindow(length).tokens;
    default:
      return mode satisfies never;
  }
}

/** What a kernel is asked to do for a case: to decode, the length is the capacity. */
export function taskOfCase(
  one: Sized & Pick<CaseIdentity, "causal" | "threads">,
  mechanism: Mechanism,
): Task {
  const { causal, threads } = one;
  const shape =
    modeOf(one) === "decode" ? shapeOver(one, stepWindow(one.length).capacity) : inputShapeOf(one);
  return { mechanism, shape, causal, threads };
}

function shapeOver({ batch, heads, head_dim: headDim }: Sized, length: number): Shape {
  return checkShape({ batch, heads, length, headDim });
}
