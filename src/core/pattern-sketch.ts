import type { ParameterValues } from "./parameters.ts";
import type { Area, PatternRole } from "./pattern.ts";

/** The attention matrix of a variant at a length at which every pair can be seen. */
export interface PatternSketch {
  readonly variant: string;
  readonly causal: boolean;
  readonly length: number;
  /** What it is drawn with: measured ones may be too large to leave a pattern at this length. */
  readonly params: ParameterValues;
  /** Every attended pair lies in exactly one of them. */
  readonly areas: readonly SketchedArea[];
}

/** Pairs that one part of the pattern attends; `state` where they are not looked at one by one. */
export interface SketchedArea extends Area {
  readonly role: PatternRole | "state" | "other";
}
