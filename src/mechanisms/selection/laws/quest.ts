import { everyRow } from "../../../core/rows.ts";
import type { Law } from "../../laws/law.ts";
import { byRule, ruleIn } from "./with-rule.ts";

/** With pages of one key the bound is the product itself. */
export const singlePages: Law = {
  title: "Quest of pages of one key is top-k",
  applies: (subject) => ruleIn(subject, "quest") !== null,
  async check(subject) {
    const pages = ruleIn(subject, "quest")?.pages ?? 1;
    const problem = byRule(subject, { id: "quest", page: 1, pages });
    const output = await subject.output(problem);
    const choice = subject.choiceOf(output);
    if (choice === null) return "the kernel hands out no choice that could be read";
    const like = byRule(subject, { id: "top-k", keys: pages });
    return subject.compare(like, like.kind.oracle(like), everyRow(like.shape), output, {
      keys: choice.pages,
    });
  },
};
