import { countText } from "../../text/count-text.ts";
import { runsText } from "../learning/checked-lines.ts";
import { warningsOf } from "../warnings.ts";
import { sentences } from "./details.ts";
import { origin } from "./evidence.ts";
import type { Topic } from "./topic.ts";

/** Whether what a study says can be trusted, where nothing was timed. */
export const learnedEvidence: Topic = {
  id: "evidence",
  title: "Evidence: can I trust this?",
  charts: [],
  answer({ results }) {
    if (results.learned === undefined) return null;
    const warnings = warningsOf(results).length;
    return `${runsText(results.learned)}; ${warnings === 0 ? "no warnings" : countText(warnings, "warning")}.`;
  },
  details(about) {
    const warnings = warningsOf(about.results);
    return [...sentences("Warnings", warnings.length === 0 ? ["None."] : warnings), ...origin(about)];
  },
};
