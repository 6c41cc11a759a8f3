import type { ParameterValues } from "./parameters.ts";
import type { Area, PatternRole } from "./pattern.ts";

/** The attention matrix of a variant at a length at which every pair can be seen. */
export interface PatternSketch {
  readonly variant: string;
  readonly causal: boolean;
  readonly length: number;
  /** The parameters it is drawn with: those measured may be too large to leave a pattern at this length. */
  readonly params: ParameterValues;
  /** Every attended pair lies in exactly one of them. */
  readonly areas: readonly SketchedArea[];
}

/** Pairs that one part of the pattern attends; `state` if pairs are not attended one by one. */
export interface SketchedArea extends Area {
  readonly role: PatternRole | "state" | "other";
}
