import { printable, UsageError, unknownName } from "../../core/errors.ts";
import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import type { Identified } from "../../record/schema/identity.ts";
import { AXES, axisName, INNER_AXES } from "../../report/overview/axes.ts";
import type { Facet, Overview } from "../../report/overview/overview.ts";

/** What `--facet` asks for: facets, and of their cases those that meet further conditions. */
export interface FacetFilter {
  /** Indices of the facets, in order. */
  readonly facets: readonly number[];
  /** Whether a case is asked for; null if all of them are. */
  readonly isAsked: ((row: ComparedCase) => boolean) | null;
}

/** A case with what it is compared with, if that is another than full attention. */
export type ComparedCase = Identified & Pick<CaseRow, "compared_with">;

const PLACES = ["machine", "place"] as const;
const OUTER: readonly string[] = [...PLACES, ...AXES.map(({ name }) => axisName(name))];
const INNER: readonly string[] = INNER_AXES.map(({ name }) => axisName(name));
const NAMES = [...OUTER, ...INNER];

interface Condition {
  readonly name: string;
  readonly value: string;
}

/**
 * Finds what a filter such as `machine=epyc,head-dim=64` asks for. Conditions of one name are alternatives, those of different
 * names hold together. Refuses names that there are not, and values that no facet has.
 */
export function facetFilter(text: string, overview: Overview): FacetFilter {
  // A value may hold anything, also what looks like a further condition.
  const exact = overview.facets.findIndex(({ name }) => name === text);
  if (exact !== -1) return { facets: [exact], isAsked: null };
  const conditions = conditionsIn(text);
  const outer = [
    ...Map.groupBy(
      conditions.filter(({ name }) => OUTER.includes(name)),
      ({ name }) => name,
    ),
  ];
  for (const [name, asked] of outer) for (const one of asked) refuseUnknownValue(name, one.value, overview);
  const facets = overview.facets.flatMap((facet, index) =>
    outer.every(([name, asked]) =>
      asked.some(({ value }) => isValue(name, valueIn(name, facet, overview), value)),
    )
      ? [index]
      : [],
  );
  if (facets.length === 0) {
    throw new UsageError(
      `--facet: must be of a facet of the collection, got ${printable(text)}, which no facet meets; omit a condition`,
    );
  }
  const inner = [
    ...Map.groupBy(
      conditions.filter(({ name }) => INNER.includes(name)),
      ({ name }) => name,
    ),
  ];
  return {
    facets,
    isAsked: inner.length === 0 ? null : (row) => inner.every(([name, asked]) => meets(row, name, asked)),
  };
}

/** Values may hold commas: a condition ends where another begins. */
const BETWEEN = new RegExp(`,(?=(?:${NAMES.join("|")})=)`);

function conditionsIn(text: string): readonly Condition[] {
  const parts = text.split(BETWEEN);
  return parts.map((part) => {
    const [, name, value] = /^([a-z-]+)=(.+)$/s.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(
        `--facet: must be conditions such as machine=epyc,head-dim=64, got ${printable(text)}; the overview lists the facets`,
      );
    }
    if (!NAMES.includes(name)) throw unknownName("condition of --facet", name, NAMES);
    return { name, value };
  });
}

function valueIn(name: string, facet: Facet, { places }: Overview): string {
  const place = places[facet.place];
  if (name === "machine") return place.machine;
  return name === "place" ? `${place.number}` : (facet.values.get(name) ?? "");
}

/** As plans and people write it: `yes` is also true. */
function isValue(name: string, value: string, asked: string): boolean {
  return value === asked || (name === "causal" && value === { yes: "true", no: "false" }[asked]);
}

function refuseUnknownValue(name: string, value: string, overview: Overview): void {
  const known = [...new Set(overview.facets.map((facet) => valueIn(name, facet, overview)))];
  if (!known.some((one) => isValue(name, one, value))) {
    throw unknownName(
      `${name} of the collection`,
      value,
      known.map((one) => printable(one, 60)),
    );
  }
}

/** The baseline is with every variant, so that there is something to compare with. */
function meets(row: ComparedCase, name: string, asked: readonly Condition[]): boolean {
  const field = INNER_AXES.find((one) => axisName(one.name) === name);
  if (name === "variant" && isBaseline(row)) return true;
  return asked.some(({ value }) => value === `${field?.of(row)}`);
}
