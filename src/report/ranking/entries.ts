import type { CaseRow, Results } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import { type MediansByCase, roundMedians } from "../../stats/round-medians.ts";
import { formatLength } from "../../text/format.ts";
import { againstOf, FULL } from "../against.ts";
import { drawnSeries } from "../charts/drawn-series.ts";
import { type Crossing, crossingOf, type Reading, readingOf } from "../crossing.ts";
import { partOf } from "../parts.ts";
import { power } from "../power.ts";
import { type Series, seriesOf } from "../series.ts";
import { isTimed, speedUp, type TimedRow, timeOf } from "../speed-up.ts";
import { partsOf, unitOf } from "../units.ts";
import type { Entry, Gap, Point } from "./entry.ts";
import { lastOf } from "./last.ts";

/** The series of a results file as the ranking sees them, each at its place. */
export function entriesOf(results: Results): readonly Entry[] {
  const times = roundMedians(results.rounds);
  const drawn = drawnSeries(results);
  const placeOf = new Map(drawn.flatMap(({ rows }, place) => rows.map((row) => [row, place] as const)));
  const inParts = partsOf(results)
    .flatMap(({ rows }) => {
      const part = seriesOf(rows);
      const last = lastOf(part);
      return part.map((series, at) => ({ series, last: last[at] }));
    })
    .map((one) => ({ ...one, place: placeOf.get(one.series.rows[0]) ?? -1 }))
    .toSorted((a, b) => a.place - b.place);
  return inParts.map(({ series, place, last }) => {
    const [row] = series.rows;
    const { variant, kernelLabel, setting, label, baseline, operation } = series;
    return {
      place,
      label,
      variant,
      names: [...new Set([label, drawn[place].label])],
      variantLabel: series.variantLabel,
      kernel: kernelLabel,
      setting,
      unit: unitOf(row),
      causal: row.causal,
      traits: results.traits?.get(variant) ?? null,
      look: drawn[place].look,
      baseline:
        baseline === null || operation.ofBaselineAlone ? null : (placeOf.get(baseline.rows[0]) ?? null),
      pays: paysOf(series, times),
      growth: growthOf(series, times),
      against: otherYardstick(series),
      last,
      points: series.rows.filter(isTimed).map((one) => pointOf(series, one)),
      gaps: series.rows.flatMap((one) => gapOf(one) ?? []),
    };
  });
}

function pointOf(series: Series, row: TimedRow): Point {
  // What only the baseline does has nothing to be compared with.
  const gain = series.operation.ofBaselineAlone ? null : speedUp(series, row.length);
  return {
    length: row.length,
    time: timeOf(row),
    gain: gain === null ? null : { value: gain.ratio, low: gain.low, high: gain.high },
    memory: row.workspace_bytes,
    state: series.operation.keepsState ? (row.state_bytes ?? null) : null,
    error: row.fidelity_error,
    saved: row.saved_bytes ?? null,
  };
}

function gapOf(row: CaseRow): Gap | null {
  if (isTimed(row)) return null;
  return { length: row.length, outcome: row.outcome === "measured" ? "no time" : row.outcome };
}

function otherYardstick({ rows }: Series): string | null {
  const [against] = rows.flatMap((row) => againstOf(row) ?? []);
  return against === undefined || against === FULL ? null : against;
}

function growthOf(series: Series, times: MediansByCase): Entry["growth"] {
  const { growth, growthText } = partOf([series]);
  const { time, declared, steep } = growth(series, times);
  return {
    text: time === null ? "–" : growthText(time),
    slope: time?.slope ?? null,
    declared,
    steep: steep === null ? null : power(steep),
  };
}

function paysOf(series: Series, times: MediansByCase): Entry["pays"] {
  if (isBaseline(series) || series.operation.ofBaselineAlone) return UNKNOWN;
  const crossing = crossingOf(series, times);
  const compared = series.rows.filter(({ length }) => speedUp(series, length) !== null);
  if (crossing === null || compared.length === 0) return UNKNOWN;
  return paysFrom(crossing, compared[0].length, compared[compared.length - 1].length);
}

const UNKNOWN: Entry["pays"] = { kind: null, text: "–", from: null };

/** `2363 (2280–2443)`; `≤ 256` if it is faster from there at the latest; `> 4k` if it is not yet faster there. */
function paysFrom({ kind, crossover }: Crossing, first: number, last: number): Entry["pays"] {
  if (kind === "always") return { kind, text: `≤ ${formatLength(first)}`, from: 0 };
  if (kind === "never" || crossover === null) return { kind, text: `> ${formatLength(last)}`, from: null };
  const reading = readingOf(crossover);
  return { kind, text: readingText(reading), from: reading.length };
}

function readingText(reading: Reading): string {
  switch (reading.sure) {
    case "medians":
      return `${Math.round(Number(reading.length.toPrecision(3)))}`;
    case "latest":
      return `≤ ${Math.ceil(reading.length)}`;
    case "interval": {
      const { length, low, high } = reading;
      return `${Math.round(length)} (${Math.floor(low)}–${high === null ? "" : Math.ceil(high)})`;
    }
  }
}
