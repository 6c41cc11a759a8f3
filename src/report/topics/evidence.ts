import type { CaseRow } from "../../record/case-row.ts";
import { median } from "../../stats/median.ts";
import { countText } from "../../text/count-text.ts";
import { formatPercent } from "../../text/format.ts";
import { Markdown, markdown } from "../../text/markdown.ts";
import { trust } from "../answers/trust.ts";
import { gateError } from "../charts/gate-error.ts";
import { rounds } from "../charts/rounds.ts";
import { isLearnedOnly } from "../learning/learned-only.ts";
import { provenance, provenanceFacts } from "../provenance.ts";
import { halfWidth } from "../tables/cell.ts";
import { unmeasuredLines } from "../unmeasured.ts";
import { warningsOf } from "../warnings.ts";
import type { Words } from "../words.ts";
import { sentences } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** Whether the numbers can be trusted, and where they come from. */
export function evidence(words: Words): Topic {
  return {
    id: "evidence",
    title: "Evidence: can I trust this?",
    charts: [gateError(words), rounds(words)],
    answer,
    details: (about) => {
      const { results } = about;
      const warnings = warningsOf(results);
      return [
        ...sentences("In full", [trust(results.rows, warnings.length)]),
        ...sentences("Warnings", warnings.length === 0 ? ["None."] : warnings),
        ...sentences("Not measured", unmeasuredLines(results.rows)),
        ...origin(about),
      ];
    },
  };
}

function answer({ results }: TopicResults): string {
  const { rows } = results;
  if (rows.length === 0) return "The file holds no case.";
  const count = (outcome: CaseRow["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  const rest = (["skipped", "unproven", "failed"] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`);
  const widths = rows.map(halfWidth).filter((width) => width !== null);
  const warnings = warningsOf(results).length;
  const parts = [
    [`${count("measured")} of ${countText(rows.length, "case")} verified and measured`, ...rest].join(", "),
    ...(widths.length === 0 ? [] : [`times typically ±${formatPercent(median(widths), 1)}`]),
    warnings === 0 ? "no warnings" : countText(warnings, "warning"),
  ];
  return `${parts.join("; ")}.`;
}

/** Where the numbers come from. */
export function origin({ results }: TopicResults): readonly Detail[] {
  return [
    {
      title: `Where the numbers come from${isLearnedOnly(results) ? "" : ", and how to measure them again"}`,
      page: provenance(results),
      summary: markdown`${provenanceFacts(results).map(([name, value]) => markdown`- ${`${name}: ${value}`}\n`)}${new Markdown("\n")}`,
    },
  ];
}
