import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { formatLength, formatSeconds } from "../../text/format.ts";
import { againstOf, isAgainstFull } from "../against.ts";
import { type Curve, type CurvePoint, curvesOf, pointsAt, valueText } from "../curves.ts";
import { relative } from "../relative.ts";
import { lengthsOf, type Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";

/**
 * What larger values of a parameter cost and bring, at the longest length measured; null if none was varied.
 */
export function along(series: readonly Series[]): string | null {
  const parts = curvesOf(series).flatMap((curve) => described(curve) ?? []);
  const [first, ...others] = parts;
  return first === undefined
    ? null
    : `${[first, ...others.slice(0, MOST - 1)].join("; ")}${more(parts.length)}.`;
}

/** The most curves in a sentence: the charts have all of them. */
const MOST = 6;

function more(all: number): string {
  return all > MOST ? `; ${all - MOST} more in the charts` : "";
}

/** `bigbird · random from 1 to 64 at 4k: 5.1 ms to 42.9 ms, error 260 % to under 0.1 %, …` */
function described(curve: Curve): string | null {
  const length = lengthsOf(curve.members.map(({ series }) => series)).findLast((at) => {
    return pointsAt(curve, at).filter(({ row }) => isTimed(row)).length > 1;
  });
  if (length === undefined) return null;
  const points = pointsAt(curve, length).filter(({ row }) => isTimed(row));
  const [first, last] = [points[0], points[points.length - 1]];
  const values = `${curve.label} from ${valueText(first.value)} to ${valueText(last.value)}`;
  const time = `${formatSeconds(first.row.median_s ?? 0)} to ${formatSeconds(last.row.median_s ?? 0)}`;
  return `${values} at ${formatLength(length)}: ${time}${errors(points)}`;
}

function errors(points: readonly CurvePoint[]): string {
  const known = points.filter(({ row }) => row.fidelity_error !== null);
  if (known.length < 2) return "";
  const [first, last] = [known[0], known[known.length - 1]];
  const told = ({ row }: CurvePoint) => relative(row.fidelity_error ?? 0);
  const against = new Set(known.map(({ row }) => againstOf(row)));
  if (against.size > 1) return ", with errors that are each against something else";
  const what = isAgainstFull(first.row) ? "error" : `error against ${againstOf(first.row)} from`;
  return `, ${what} ${told(first)} to ${told(last)}${besideMean(known)}`;
}

/** Where along the curve an output is worth more than if all weights were alike. */
function besideMean(points: readonly CurvePoint[]): string {
  const mean = points[points.length - 1].row.mean_fidelity_error ?? null;
  if (mean === null) return "";
  const worse = points.map(({ row }) => isWorseThanMean(row));
  const than = `than the mean of v with ${relative(mean)}`;
  if (!worse.includes(true)) return `, nowhere worse ${than}`;
  if (!worse.includes(false)) return `, worse ${than} everywhere`;
  const from = worse.lastIndexOf(true) + 1;
  return from < points.length && worse.indexOf(false) === from
    ? `, no longer worse ${than} from ${valueText(points[from].value)} on`
    : `, at some values worse ${than}`;
}
