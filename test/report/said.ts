import type { ReportedResults } from "../../src/report/reported-results.ts";
import { aboutOf, topicsOf } from "../../src/report/topics/index.ts";

/** The long sentences of a report in the order of its topics, as a reader sees them. */
export function said(results: ReportedResults): readonly string[] {
  const about = aboutOf(results);
  return topicsOf(results).flatMap((topic) =>
    (topic.details?.(about) ?? [])
      .filter(({ title }) => /in full$/i.test(title))
      .flatMap(({ page }) => [...page.text.matchAll(/<li>(.*?)<\/li>/gs)].map(([, text]) => decoded(text))),
  );
}

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? "");
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
