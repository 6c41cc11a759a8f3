import type { Family } from "./family.ts";
import type { ParameterValues } from "./parameters.ts";
import type { Area, PatternRole } from "./pattern.ts";

/** The attention matrix of a variant at a length at which every pair can be seen. */
export interface PatternSketch {
  readonly variant: string;
  readonly family: Family;
  readonly causal: boolean;
  readonly length: number;
  /** The parameters it is drawn with: those measured may be too large to leave a pattern at this length. */
  readonly params: ParameterValues;
  /** Every attended pair lies in exactly one of them. */
  readonly areas: readonly SketchedArea[];
  /** What one pixel attends; omitted if the tokens are no pixels. */
  readonly image?: ImageSketch;
}

/** The keys of one pixel, where they lie in a small image. */
export interface ImageSketch {
  readonly width: number;
  readonly height: number;
  readonly row: number;
  readonly column: number;
  /** Rows and keys are rows and columns of the image. */
  readonly areas: readonly SketchedArea[];
}

/** Pairs that one part of the pattern attends; `state` if pairs are not attended one by one, `chosen` if q and k choose among them. */
export interface SketchedArea extends Area {
  readonly role: PatternRole | "state" | "chosen" | "other";
}
