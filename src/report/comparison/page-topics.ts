import type { Comparison } from "../../compare/comparison.ts";
import { type Html, html } from "../../text/html.ts";
import { shortName } from "../../text/labels.ts";
import { scroll } from "../page/scroll.ts";
import { caseNames, namedCells } from "./cell-names.ts";
import { intervalText, meanChange, shareText, UNDETECTED } from "./change-text.ts";
import { cellTable, sideTable } from "./page-tables.ts";
import {
  differenceTable,
  exact,
  groupTable,
  oneSidedTable,
  type SideTable,
  sideText,
  workChange,
  workTable,
} from "./side-tables.ts";
import { comparisonTrust } from "./trust.ts";
import { byWeight, isBroken, verdictCounts } from "./verdicts.ts";

/** A question about a comparison: its answer in one short sentence, and what is seen and folded below it. */
interface PageTopic {
  readonly id: string;
  readonly title: string;
  readonly answer: string;
  readonly seen?: Html;
  readonly folded: readonly Folded[];
}

interface Folded {
  readonly title: string;
  readonly content: Html;
}

/** All that the page says below its first screen, by topic. */
export function comparisonTopics(comparison: Comparison): Html {
  return html`${[...over(comparison), ...work(comparison), ...sides(comparison), evidence(comparison), ...cells(comparison)].map(section)}`;
}

function section({ id, title, answer, seen = html``, folded }: PageTopic): Html {
  return html`<section class="topic" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${title}</h3>
<p class="answer">${answer}</p>
${seen}${folded.map(
  (one) => html`<details><summary>${one.title}</summary>
${one.content}</details>
`,
)}</section>
`;
}

/** The mean over all cells, and over groups of them. */
function over(comparison: Comparison): readonly PageTopic[] {
  const { geometricMean, margin } = comparison;
  if (geometricMean === null) return [];
  const change = meanChange(geometricMean, margin);
  const told = change === UNDETECTED ? "No change" : change;
  return [
    {
      id: "overall",
      title: "Over all cells",
      answer: `${told} in the geometric mean of all cells (${intervalText(geometricMean)}); less than ${shareText(margin)} is never called a change.`,
      folded: asFolded(groupTable(comparison)),
    },
  ];
}

function work(comparison: Comparison): readonly PageTopic[] {
  const [pending, accepted] = [false, true].map((is) => comparison.work.filter((one) => one.accepted === is));
  if (comparison.work.length === 0) return [];
  const nameOf = caseNames(comparison);
  const [first] = pending.length > 0 ? pending : accepted;
  const quantity = shortName(first.quantity.replaceAll("_", " "), 40);
  const where = `${quantity} of ${nameOf(first.case)}, ${exact(first.base)} → ${exact(first.head)} (${workChange(first)})`;
  const counts = [
    ...(pending.length > 0 ? [`${pending.length} not accepted`] : []),
    ...(accepted.length > 0 ? [`${accepted.length} accepted`] : []),
  ];
  return [
    {
      id: "work",
      title: "Changed work",
      answer: `${counts.join(", ")}, counted exactly, such as ${where}.`,
      folded: [
        ...asFolded({ ...workTable(comparison, pending), title: "Not accepted" }),
        ...asFolded({ ...workTable(comparison, accepted), title: "Accepted" }),
      ],
    },
  ];
}

function sides(comparison: Comparison): readonly PageTopic[] {
  const { oneSided } = comparison;
  if (oneSided.length === 0) return [];
  const broken = oneSided.filter(isBroken);
  const others = oneSided.filter((one) => !isBroken(one));
  const only = (side: "base" | "head") => others.filter((one) => one.side === side).length;
  const counts = [
    ...(broken.length > 0 ? [`${broken.length} broken in head`] : []),
    ...(only("base") > 0 ? [`${only("base")} only in base`] : []),
    ...(only("head") > 0 ? [`${only("head")} only in head`] : []),
  ];
  return [
    {
      id: "sides",
      title: "Cells on one side only",
      answer: `${counts.join(", ")}.`,
      seen: broken.length === 0 ? html`` : sideTable(oneSidedTable(comparison, broken)),
      folded: asFolded({ ...oneSidedTable(comparison, others), title: "Cells that only one side has" }),
    },
  ];
}

function evidence(comparison: Comparison): PageTopic {
  const { base, head, remarks } = comparison;
  const { sign, text } = comparisonTrust(comparison);
  return {
    id: "evidence",
    title: "Evidence: can I trust this?",
    answer: `${sign} ${text}.`,
    folded: [
      ...(remarks.length === 0
        ? []
        : [
            {
              title: `Before believing it: ${remarks.length}`,
              content: html`<ul class="warnings">${remarks.map((remark) => html`<li>${shortName(remark, 1000)}</li>`)}</ul>`,
            },
          ]),
      ...asFolded(differenceTable(comparison)),
      {
        title: "Where the numbers come from",
        content: html`<dl class="facts">${Object.entries({ base, head }).flatMap(([name, side]) => [
          html`<dt>${name}</dt><dd>${sideText(side)}</dd>`,
          html`<dt>its processor</dt><dd>${shortName(side.cpu, 100)}</dd>`,
        ])}</dl>
`,
      },
    ],
  };
}

/** How the table of all cells is read. */
const READING =
  "Median time of one call, what matters most first; “mean” is the change of the mean. ~ means that no change was detected; the columns “could see” are the smallest slow-downs that would have been seen 9 times in 10, for the mean those of costs on at least one call in the number given.";

function cells(comparison: Comparison): readonly PageTopic[] {
  const rows = byWeight(namedCells(comparison.cells));
  if (rows.length === 0) return [];
  return [
    {
      id: "cells",
      title: "All cells",
      answer: `${verdictCounts(comparison)}.`,
      folded: [
        {
          title: "Every cell, in the median and in the mean",
          content: html`<p class="note">${READING}</p>
${scroll("all cells", cellTable(rows, comparison.kind), "scroll wide")}`,
        },
      ],
    },
  ];
}

/** A table to unfold with its number of rows; none if it has none. */
function asFolded(table: SideTable): readonly Folded[] {
  return table.rows.length === 0
    ? []
    : [{ title: `${table.title}: ${table.rows.length}`, content: sideTable(table) }];
}
