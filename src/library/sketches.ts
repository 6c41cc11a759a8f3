import { variants } from "../../variants/index.ts";
import { nextLength } from "../core/next-length.ts";
import type { Parameter, ParameterValue, ParameterValues } from "../core/parameters.ts";
import type { PatternSketch } from "../core/pattern-sketch.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import { builtInKinds } from "../mechanisms/kinds.ts";
import { sketch } from "../pattern/sketch.ts";
import type { CaseRow, Results } from "../record/case-row.ts";

/** Tokens of the drawn matrices, or the next number that a pattern takes: the cells can be told apart, and so can the parts. */
const LENGTH = 32;
/** The most of a parameter whose declaration has no value for such lengths. */
const SMALL = 8;

/**
 * Adds pictures of the patterns: of built-in variants, since the file does not hold what a plug-in declared.
 */
export function withSketches<R extends Results>(results: R): R {
  const sketches = new Map<string, PatternSketch>();
  for (const row of results.rows) {
    const drawn = sketchOf(row);
    if (drawn !== null) sketches.set(JSON.stringify([drawn.variant, drawn.causal, drawn.params]), drawn);
  }
  const place = ({ variant }: PatternSketch) => variants.findIndex(({ id }) => id === variant);
  return { ...results, sketches: [...sketches.values()].sort((a, b) => place(a) - place(b)) };
}

function sketchOf({ variant: id, causal, params }: CaseRow): PatternSketch | null {
  const variant = variants.find((one) => one.id === id);
  if (variant === undefined) return null;
  const small = smallParams(variant, params);
  const { mechanism, kind } = builtInKinds.judged(parameterize(variant, small));
  const pattern = kind.pattern(mechanism);
  const length = nextLength(pattern, LENGTH);
  const areas = sketch(pattern, length, causal);
  const drawn = kind.pairwise ? areas : areas.map((area) => ({ ...area, role: "state" as const }));
  return { variant: id, causal, length, params: small, areas: drawn };
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
