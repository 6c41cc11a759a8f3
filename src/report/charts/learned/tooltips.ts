import { countText } from "../../../text/count-text.ts";
import { formatCount } from "../../../text/format.ts";
import { shareText } from "../../../text/share-text.ts";
import { measureText } from "../../learning/measure-text.ts";
import { tooltip } from "../details.ts";
import type { DrawnRow } from "./drawn-rows.ts";

/** What a mark of a study says of its cell. */
export function learnedDetails({
  label,
  variantLabel,
  task,
  taskLabel,
  cell,
  rate,
  ceiling,
  ...row
}: DrawnRow) {
  return {
    series: label,
    variant: variantLabel,
    task: taskLabel,
    measure: measureText(task),
    seeds: row.tests.map(({ accuracy }) => shareText(accuracy)).join(", "),
    reachable: ceiling === null ? "–" : shareText(ceiling),
    chance: shareText(task.chance),
    state_text: cell.state_numbers === null ? "none" : formatCount(cell.state_numbers),
    rate: rate === null ? "–" : `${rate}`,
    converged: row.stillGaining === 0 ? "yes" : `${countText(row.stillGaining, "seed")} still gaining`,
  };
}

/** Their titles. */
export const learnedTooltip = tooltip({
  series: "variant",
  task: "task",
  measure: "measured",
  seeds: "test seeds",
  reachable: "reachable",
  chance: "by chance",
  state_text: "numbers of state",
  rate: "learning rate",
  converged: "converged",
});
