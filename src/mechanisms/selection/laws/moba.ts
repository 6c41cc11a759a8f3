import { everyRow } from "../../../core/rows.ts";
import { blockBand } from "../../../pattern/block-band.ts";
import type { Law } from "../../laws/law.ts";
import { unlike } from "../../laws/like.ts";
import { softmaxPatternKind } from "../../softmax-pattern/kind.ts";
import { fullUnder } from "../../softmax-pattern/under-call.ts";
import type { TopK } from "../declare.ts";
import { byRule, ruleIn } from "./with-rule.ts";

/** A query that attends one block attends its own. */
export const ownBlock: Law = {
  title: "MoBA of one block is block-local attention",
  applies: (subject) => ruleIn(subject, "moba") !== null,
  async check(subject) {
    const block = ruleIn(subject, "moba")?.block ?? 1;
    const problem = byRule(subject, { id: "moba", block, chosen: 1 });
    const mechanism = { ...fullUnder(subject.call), pattern: blockBand(block, 1) };
    return await unlike(subject, problem, { ...problem, mechanism, kind: softmaxPatternKind });
  },
};

/** With blocks of one token the mean is the key itself: the own key, and the best of all others by q·k. */
export const singleKeys: Law = {
  title: "MoBA of blocks of one token attends the own key and the best others",
  applies: (subject) => ruleIn(subject, "moba") !== null,
  async check(subject) {
    const chosen = ruleIn(subject, "moba")?.chosen ?? 1;
    const problem = byRule(subject, { id: "moba", block: 1, chosen });
    const output = await subject.output(problem);
    const choice = subject.choiceOf(output);
    if (choice === null) return "the kernel hands out no choice that could be read";
    const { shape } = problem;
    const perRow = choice.blocks.length / (shape.batch * shape.heads * shape.queries);
    const exact = problem.kind.oracle(problem).on?.(choice);
    const wrong = exact?.whyNotChoice(everyRow(shape)) ?? null;
    if (wrong !== null) return wrong;
    // As the choice of a rule that knows nothing of blocks.
    const keys = new Int32Array((perRow + 1) * shape.batch * shape.heads * shape.queries).fill(-1);
    for (let row = 0; row < keys.length / (perRow + 1); row++) {
      const others = choice.blocks.subarray(row * perRow, (row + 1) * perRow).filter((one) => one >= 0);
      keys.set(
        [...others, row % shape.queries].sort((a, b) => a - b),
        row * (perRow + 1),
      );
    }
    const rule: TopK = { id: "top-k", keys: perRow + 1 };
    const like = byRule(subject, rule);
    const oracle = like.kind.oracle(like).on?.({ keys });
    if (oracle === undefined) return null;
    return subject.compare(problem, { rows: oracle.rows.bind(oracle) }, everyRow(shape), output);
  },
};
