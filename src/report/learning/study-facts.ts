import type { StudyLine } from "../../record/schema/learning-lines.ts";
import { type Fact, listed } from "../machine-description.ts";

/** By which protocol a study was trained, as plain text that may hold anything. */
export function studyFacts(study: StudyLine): readonly Fact[] {
  const { protocol, rates, choosing_seeds: choosing, test_seeds: tests, tasks } = study;
  const isQuick = protocol === "quick";
  return [
    ["study started", study.started],
    ["protocol", isQuick ? "quick: rates that come with the package" : "full"],
    ["trained by", study.trainer],
    ["learning rates", isQuick ? "none tried" : rates.join(", ")],
    ["seeds that chose rates", choosing.length === 0 ? "none" : choosing.join(", ")],
    ["seeds that were tested", tests.join(", ")],
    ["validation and test examples", `${study.validation_examples} and ${study.test_examples}`],
    ["tasks", listed(tasks.map(({ task, title }) => `${task} (${title})`))],
  ];
}
