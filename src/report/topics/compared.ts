import { comparedChart } from "../charts/compared.ts";
import { comparedFacts, comparedTitle } from "../compared-facts.ts";
import type { ReportedResults } from "../reported-results.ts";
import { sentences } from "./details.ts";
import type { Topic } from "./topic.ts";

/** How a file compares with the first; none if it is not compared. */
export function compared({ comparison }: ReportedResults): readonly Topic[] {
  if (comparison === undefined) return [];
  const facts = comparedFacts(comparison);
  return [
    {
      id: "against",
      title: comparedTitle(comparison),
      charts: [comparedChart(comparison)],
      answer: () => comparison.headline,
      details: () => facts.flatMap(({ title, items }) => sentences(title, items)),
    },
  ];
}
