import { comparedCharts } from "../charts/compared.ts";
import { comparedFacts, comparedTitle } from "../compared-facts.ts";
import { answerOf } from "../comparison/answer.ts";
import { changesDetail } from "../comparison/changes.ts";
import type { ReportedResults } from "../reported-results.ts";
import { sentences } from "./details.ts";
import type { Topic } from "./topic.ts";

/** How a file compares with the first; none if it is not compared. */
export function compared({ comparison }: ReportedResults): readonly Topic[] {
  if (comparison === undefined) return [];
  return [
    {
      id: "against",
      title: comparedTitle(comparison),
      charts: comparedCharts(comparison),
      answer: () => answerOf(comparison).join(" "),
      details: (about) => [
        ...changesDetail(comparison, about),
        ...comparedFacts(comparison).flatMap(({ title, items }) => sentences(title, items)),
      ],
    },
  ];
}
