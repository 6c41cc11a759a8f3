import { printable } from "../../core/errors.ts";
import type { Results } from "../../record/case-row.ts";
import { formatLength } from "../../text/format.ts";
import { latexText } from "../../text/latex.ts";
import { entriesOf } from "../ranking/entries.ts";
import { usualLength } from "../ranking/lengths.ts";
import { rankingAt } from "../ranking/ranking-at.ts";
import { rankingTable } from "../ranking/table.ts";
import { baselineOf } from "../series.ts";
import { unitsIn } from "../units.ts";
import { wordsOver } from "../words.ts";

/**
 * The ranking at the length that most were measured at, as a LaTeX table that needs the package booktabs: one for passes
 * and one for steps. Empty if nothing has a time. Every string of the results is text in it.
 */
export function rankingTex(results: Results): string {
  const entries = entriesOf(results);
  const words = wordsOver(baselineOf(results.rows));
  return unitsIn(results)
    .flatMap((unit) => {
      const own = entries.filter((entry) => entry.unit === unit);
      const length = usualLength(own);
      if (length === null) return [];
      const { heads, rows } = rankingTable(rankingAt(own, length), words[unit].baseline);
      const line = (cells: readonly string[]) => `${cells.map(latexText).join(" & ")} \\\\`;
      return [
        `% ${printable(results.name, 100)}: ${words[unit].times}, ${words[unit].fullLength} ${formatLength(length)}`,
        `\\begin{tabular}{l${"r".repeat(heads.length)}}`,
        "\\toprule",
        line(["variant", ...heads.map(({ text }) => text)]),
        "\\midrule",
        ...rows.map(({ ranked, cells }) =>
          line([
            ranked.entry.label,
            ...cells.map(({ text, more }) => [text, more].filter(Boolean).join(" ")),
          ]),
        ),
        "\\bottomrule",
        "\\end{tabular}",
        "",
      ];
    })
    .join("\n");
}
