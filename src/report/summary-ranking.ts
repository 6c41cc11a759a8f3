import type { Results } from "../record/case-row.ts";
import { formatLength } from "../text/format.ts";
import { Markdown, markdown } from "../text/markdown.ts";
import { entriesOf } from "./ranking/entries.ts";
import type { Entry } from "./ranking/entry.ts";
import { usualLength } from "./ranking/lengths.ts";
import { rankingAt } from "./ranking/ranking-at.ts";
import { rankingAnswer, rankingTable, unrankedTexts } from "./ranking/table.ts";
import { baselineOf } from "./series.ts";
import { unitsIn } from "./units.ts";
import { wordsOver } from "./words.ts";

/** The ranking at the longest length, for the summary; a table a unit if a file holds several. */
export function rankingMarkdown(results: Results): readonly Markdown[] {
  const entries = entriesOf(results);
  const units = unitsIn(results);
  return units.map((unit) => {
    const { baseline, made } = wordsOver(baselineOf(results.rows))[unit];
    const own = entries.filter((entry) => entry.unit === unit);
    return unitMarkdown(own, baseline, units.length > 1 ? `, each ${made}` : "");
  });
}

function unitMarkdown(entries: readonly Entry[], baseline: string, what: string): Markdown {
  const length = usualLength(entries);
  if (length === null) return new Markdown("");
  const ranking = rankingAt(entries, length);
  const { heads, rows } = rankingTable(ranking, baseline);
  const rule = new Markdown(`|---${heads.map(() => "|---:").join("")}|\n`);
  const lines = rows.map(({ ranked, cells }) =>
    row([ranked.entry.label, ...cells.map(({ text, more }) => (more === "" ? text : `${text} ${more}`))]),
  );
  const left = unrankedTexts(ranking);
  return markdown`### Ranking at ${formatLength(length)}${what}

${rankingAnswer(ranking, baseline)}

${row(["variant", ...heads.map(({ text }) => text)])}${rule}${lines}
${left.length === 0 ? "" : markdown`${left.map((text) => markdown`- not ranked: ${text}\n`)}\n`}`;
}

function row(cells: readonly string[]): Markdown {
  return markdown`${cells.map((cell) => markdown`| ${cell} `)}|\n`;
}
