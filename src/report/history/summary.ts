import { Markdown, markdown } from "../../text/markdown.ts";
import { historyAnswer } from "./answer.ts";
import { type ChangeGroup, changeGroups } from "./change-groups.ts";
import { directionOf, shortHash, sizeText } from "./change-words.ts";
import { countsText, methodText } from "./page.ts";
import type { HistoryView } from "./view.ts";

/** Commits and, of each, cells that the summary names. */
const MOST_COMMITS = 20;
const MOST_CELLS = 5;

/** A history in Markdown, for notes and pull requests: the commits that changed something, newest first. */
export function historySummary(view: HistoryView): string {
  const changes = view.series.flatMap((one) => one.changes);
  const position = new Map(view.commits.map((commit, at) => [commit, at]));
  const at = ({ first }: ChangeGroup) => position.get(first) ?? -1;
  const groups = changeGroups(changes, view.commits).toSorted((a, b) => at(b) - at(a));
  const rows = groups.slice(0, MOST_COMMITS).map(row);
  const more = groups.length - rows.length;
  const head = new Markdown(
    "| first commit | date | cells | the most | after | at the latest |\n|---|---|---|---|---|---|\n",
  );
  return markdown`# attnbench history

[The page](${new Markdown("index.html")}).

${historyAnswer(view)}

${rows.length === 0 ? "" : head}${rows}${more > 0 ? markdown`\n${more} earlier commits.\n` : ""}
${methodText(view)}
`.text.replaceAll(/\n{3,}/g, "\n\n");
}

function row({ first, committed, good, bad, changes }: ChangeGroup): Markdown {
  const known = changes.every(({ accepted }) => accepted !== null);
  const named = changes.slice(0, MOST_CELLS).map((one) => {
    return markdown`${sizeText(one)} ${directionOf(one)}: ${one.series.cell}${new Markdown("<br>")}`;
  });
  const more = changes.length - named.length;
  return markdown`| ${shortHash(first)} | ${committed.slice(0, 10)} | ${countsText(changes)}${known ? ", accepted" : ""} | ${named}${more > 0 ? `and ${more} more` : ""} | ${shortHash(good)} | ${shortHash(bad)} |
`;
}
