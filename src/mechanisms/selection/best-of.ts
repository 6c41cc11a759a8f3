import type { Choice } from "../../core/choice.ts";
import { errorBudget, FLOAT32_EPSILON, FLOAT32_LEAST } from "../../core/error-budget.ts";
import type { RowPlace } from "../../core/rows.ts";
import { offsetIn, type Shape } from "../../core/shape.ts";
import { float32, float64, type Rounding } from "../oracle.ts";
import type { PairScore } from "../softmax-pattern/oracle-scores.ts";
import type { BoundRule } from "./rule.ts";

/** A rule by which every query takes the best of some candidates, such as keys or blocks of them. */
export interface BestOf {
  /** The array of the choice. */
  readonly name: string;
  /** One candidate, such as `block`. */
  readonly one: string;
  readonly perRow: number;
  /** The candidates of a query, in rising order, and how many it takes. */
  candidates(query: number): { readonly all: readonly number[]; readonly taken: number };
  /** By what they are compared, with the sum of its terms before anything cancels. */
  score(place: RowPlace, round: Rounding): (candidate: number) => PairScore;
  /** The keys that a query attends, each once. */
  keys(query: number, chosen: readonly number[]): Iterable<number>;
}

/** What float64 takes, and whether a kernel's choice can be right. */
export function bestOf(shape: Pick<Shape, "heads" | "queries" | "headDim">, rule: BestOf): BoundRule {
  const { name, perRow } = rule;
  const entriesOf = (choice: Choice, { batch, head, row }: RowPlace): Int32Array => {
    const layout = { batch: 0, heads: shape.heads, rows: shape.queries, width: perRow };
    const at = offsetIn(layout, batch, head, row);
    return choice[name].subarray(at, at + perRow);
  };
  return {
    keys: (place, choice) =>
      rule.keys(
        place.row,
        choice === null ? best(rule, place) : [...entriesOf(choice, place)].filter((one) => one >= 0),
      ),
    whyNot(places, choice) {
      const judge = new Judge(rule, shape.headDim);
      for (const place of places) {
        const malformed = whyMalformed(rule, place, entriesOf(choice, place));
        if (malformed !== null) return malformed;
        judge.look(place, entriesOf(choice, place));
      }
      return judge.verdict();
    },
  };
}

/** The candidates with the largest scores, the first of those as large, in rising order; what is NaN comes last. */
function best(rule: BestOf, place: RowPlace): number[] {
  const { all, taken } = rule.candidates(place.row);
  if (taken === all.length) return [...all];
  const score = rule.score(place, float64);
  const scored = all.map((candidate) => {
    const { value } = score(candidate);
    return { candidate, value: Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value };
  });
  // Sorting is stable, and equal infinities have no difference.
  scored.sort((a, b) => (a.value === b.value ? 0 : b.value - a.value));
  return scored
    .slice(0, taken)
    .map(({ candidate }) => candidate)
    .sort((a, b) => a - b);
}

function whyMalformed(rule: BestOf, { batch, head, row }: RowPlace, entries: Int32Array): string | null {
  const { all, taken } = rule.candidates(row);
  const where = `row ${row} of batch ${batch}, head ${head}`;
  const told = `got ${entries.length > 8 ? `${[...entries.subarray(0, 8)].join(", ")}, …` : [...entries].join(", ")}`;
  const chosen = entries.subarray(0, taken);
  const rises = chosen.every((one, at) => one >= 0 && (at === 0 || one > chosen[at - 1]));
  if (!rises || entries.subarray(taken).some((one) => one !== -1)) {
    return `${where}: must choose ${taken} ${rule.one}${taken === 1 ? "" : "s"} in rising order, each once, and then -1, ${told}`;
  }
  const known = new Set(all);
  const stranger = chosen.find((one) => !known.has(one));
  if (stranger === undefined) return null;
  return `${where}: chose ${rule.one} ${stranger}, which is none of those it may choose`;
}

/** A candidate with how far off its score may come out in float32. */
interface Ranked extends PairScore {
  readonly candidate: number;
}

/** A pair of which the wrong one was chosen, unless rounding explains it. */
interface Suspect {
  readonly place: RowPlace;
  readonly entries: Int32Array;
}

/** The largest number of float32. */
const FLOAT32_MOST = (2 - FLOAT32_EPSILON) * 2 ** 127;

/**
 * Looks at rows, and tells whether in any of them a candidate that was left out is better than one that was taken, by more
 * than the error budget of both scores.
 */
class Judge {
  readonly #rule: BestOf;
  /** Products that a score is a sum of. */
  readonly #terms: number;
  readonly #suspects: Suspect[] = [];
  /** The largest error of a float32 pass, in roundings of the terms. */
  #rounding = 0;

  constructor(rule: BestOf, terms: number) {
    this.#rule = rule;
    this.#terms = terms;
  }

  look(place: RowPlace, entries: Int32Array): void {
    const { all, taken } = this.#rule.candidates(place.row);
    if (taken === all.length) return;
    const exact = this.#rule.score(place, float64);
    const rounded = this.#rule.score(place, float32);
    for (const candidate of all) {
      const { value, size } = exact(candidate);
      const error = Math.abs(rounded(candidate).value - value) / (FLOAT32_EPSILON * size);
      if (error > this.#rounding && Number.isFinite(error)) this.#rounding = error;
    }
    // Later rows may show that float32 errs by more.
    if (this.#fault(place, entries) !== null) this.#suspects.push({ place, entries: entries.slice() });
  }

  verdict(): string | null {
    for (const { place, entries } of this.#suspects) {
      const fault = this.#fault(place, entries);
      if (fault !== null) return fault;
    }
    return null;
  }

  #fault(place: RowPlace, entries: Int32Array): string | null {
    const { all, taken } = this.#rule.candidates(place.row);
    const score = this.#rule.score(place, float64);
    const chosen = new Set(entries.subarray(0, taken));
    let worst: Ranked | null = null;
    let missed: Ranked | null = null;
    for (const candidate of all) {
      const one = { candidate, ...score(candidate) };
      // Without a rank it is neither too bad to be chosen nor too good to be missed.
      const budget = this.#budget(one);
      if (!Number.isFinite(budget)) continue;
      if (chosen.has(candidate)) {
        if (worst === null || one.value + budget < worst.value + this.#budget(worst)) worst = one;
      } else if (missed === null || one.value - budget > missed.value - this.#budget(missed)) missed = one;
    }
    if (worst === null || missed === null) return null;
    const explained = this.#budget(worst) + this.#budget(missed);
    const by = missed.value - worst.value;
    if (!(by > explained)) return null;
    const { batch, head, row } = place;
    const { one } = this.#rule;
    return `row ${row} of batch ${batch}, head ${head}: chose ${one} ${worst.candidate}, and ${one} ${missed.candidate} was better by ${by.toPrecision(3)}; rounding explains ${explained.toExponential(1)}`;
  }

  /** How far off a score may be; infinite if it has no rank, or if float32 does not hold what it is a sum of. */
  #budget({ value, size }: PairScore): number {
    if (!Number.isFinite(value) || !(size <= FLOAT32_MOST)) return Number.POSITIVE_INFINITY;
    // What is subnormal may be lost, in each of its terms.
    return errorBudget(FLOAT32_EPSILON * size + this.#terms * FLOAT32_LEAST, this.#rounding);
  }
}
