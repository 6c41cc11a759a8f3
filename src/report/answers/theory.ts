import { formatLength } from "../../text/format.ts";
import { exponentText, type Growth, isHiddenQuadratic } from "../growth.ts";

/** Whether the curves are what theory predicts; null with fewer than four lengths. */
export function theory(growths: readonly Growth[]): string | null {
  const fitted = growths.filter(({ time }) => time !== null);
  if (fitted.length === 0) return null;
  const parts = fitted.slice(0, MOST).map(({ series, time, declared }, index) => {
    const verb = index === 0 ? "grows as" : "as";
    return `${series.label} ${verb} ${time === null ? "" : exponentText(time)}, declared ${declared}`;
  });
  if (fitted.length > MOST) parts.push(`${fitted.length - MOST} more in the table`);
  const steep = fitted.filter(isHiddenQuadratic).flatMap(({ series, upper }) => {
    if (upper === null) return [];
    const { from, to, time } = upper;
    return [`${series.label} with ${exponentText(time)} from ${formatLength(from)} to ${formatLength(to)}`];
  });
  const end =
    steep.length === 0
      ? "none is clearly steeper than declared over its upper half"
      : `clearly steeper than declared over the upper half: ${listed(steep)}`;
  return `Growth of time: ${parts.join("; ")}; ${end}.`;
}

/** Series listed one by one before the rest is counted. */
const MOST = 8;

function listed(items: readonly string[]): string {
  return items.length > MOST
    ? `${items.slice(0, MOST).join(", ")} and ${items.length - MOST} more`
    : items.join(", ");
}
