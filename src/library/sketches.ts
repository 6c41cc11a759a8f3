import { variants } from "../../variants/index.ts";
import { familyOf } from "../core/family.ts";
import { nextLength } from "../core/next-length.ts";
import type { Parameter, ParameterValue, ParameterValues } from "../core/parameters.ts";
import type { Pattern } from "../core/pattern.ts";
import type { PatternSketch, SketchedArea } from "../core/pattern-sketch.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import type { Judged } from "../mechanisms/judged.ts";
import { builtInKinds } from "../mechanisms/kinds.ts";
import { isLayer } from "../mechanisms/layer/declare.ts";
import { sketch, sketchPixel } from "../pattern/sketch.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { builtInTraits } from "./traits.ts";

/**
 * Tokens of the drawn matrices, or the next number that all of them take: the cells can be told apart, and so
 * can the parts.
 */
const LENGTH = 32;
/** The most of a parameter whose declaration has no value for such lengths. */
const SMALL = 8;

/**
 * Adds traits, and pictures of the patterns: of built-in variants, since the file does not hold what a plug-in declared.
 */
export function withSketches<R extends Results>(results: R): R {
  const sketched = new Map<string, Sketched>();
  for (const row of results.rows) {
    // Edges of the input are not in the results; those that would be drawn are others.
    const one = row.given_edges === undefined ? sketchedOf(row) : null;
    if (one !== null) sketched.set(JSON.stringify([one.variant, one.causal, one.params]), one);
  }
  const length = lengthOf([...sketched.values()]);
  const sketches = [...sketched.values()].map((one) => drawn(one, length));
  const place = ({ variant }: PatternSketch) => variants.findIndex(({ id }) => id === variant);
  return {
    ...results,
    traits: builtInTraits(),
    sketches: sketches.sort((a, b) => place(a) - place(b)),
  };
}

/** What is to be drawn. */
interface Sketched extends Pick<PatternSketch, "variant" | "family" | "causal" | "params"> {
  readonly pattern: Pattern;
  /** How its pairs are attended, where the pattern does not say it. */
  readonly role: "state" | "chosen" | null;
}

/** One length for all pictures, which share their axes. */
function lengthOf(sketched: readonly Sketched[]): number {
  const whyNot = (length: number): string | null =>
    sketched.reduce<string | null>((why, { pattern }) => why ?? pattern.whyNot?.(length) ?? null, null);
  return nextLength({ whyNot }, LENGTH);
}

function drawn({ pattern, role, ...one }: Sketched, length: number): PatternSketch {
  const inRole = (areas: readonly SketchedArea[]) =>
    role === null ? areas : areas.map((area) => ({ ...area, role }));
  const areas = inRole(sketch(pattern, length, one.causal));
  const image = sketchPixel(pattern, one.causal);
  return {
    ...one,
    length,
    areas,
    ...(image !== null && { image: { ...image, areas: inRole(image.areas) } }),
  };
}

function sketchedOf({ variant: id, causal, params }: CaseRow): Sketched | null {
  const variant = variants.find((one) => one.id === id);
  if (variant === undefined) return null;
  const small = smallParams(variant, params);
  const { mechanism, kind } = builtInKinds.judged(parameterize(variant, small));
  return {
    variant: id,
    family: familyOf(variant),
    causal,
    params: small,
    pattern: kind.pattern(mechanism, causal),
    role: roleOf({ mechanism, kind }),
  };
}

/** A layer attends as its heads do. What is not all pairs attends what its pattern says, even where nothing is paired. */
function roleOf({ mechanism, kind }: Judged): Sketched["role"] {
  if (isLayer(mechanism)) return roleOf(builtInKinds.judged({ mechanism: mechanism.inner }));
  if (kind.choices !== undefined) return "chosen";
  return kind.pairwise || kind.pattern(mechanism).role !== "full" ? null : "state";
}

/**
 * The case's parameters, capped so that a pattern remains at such lengths; defaults for those it does not
 * name.
 */
function smallParams(variant: Variant, params: ParameterValues): ParameterValues {
  return Object.fromEntries(
    Object.entries(variant.params).map(([name, declared]) => [
      name,
      smallValue(declared, Object.hasOwn(params, name) ? params[name] : declared.default),
    ]),
  );
}

function smallValue(declared: Parameter, value: ParameterValue): ParameterValue {
  if ("choices" in declared) return declared.choices.includes(value) ? value : declared.default;
  if ("form" in declared) return declared.probe;
  if (typeof value !== "number") return declared.optional ? null : declared.default;
  // Zero drops a part, in the picture as well.
  const fits = value >= declared.least && (!declared.integer || Number.isInteger(value));
  return fits ? Math.min(value, Number(declared.probe) || SMALL) : declared.probe;
}
