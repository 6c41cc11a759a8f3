import type { Learned } from "../../record/learned.ts";
import { countText } from "../../text/count-text.ts";
import { shortName } from "../../text/labels.ts";
import { shareRange, shareText } from "../../text/share-text.ts";
import { byTask, learnedRows, ranked } from "../learning/learned-rows.ts";
import { capitalised, measureText } from "../learning/measure-text.ts";
import { tasksText } from "../learning/tasks-text.ts";

/**
 * Which variants answer most on the first task, the least and the most of their seeds, and what chance gives: always with what is
 * measured, at which length, after how many steps.
 */
export function learnedAnswer(learned: Learned): string {
  const { study } = learned;
  const tasks = byTask(learnedRows(learned));
  const own = tasks.find((rows) => ranked(rows).length > 0);
  if (own === undefined) {
    const runs = learned.runs.length;
    return `No test run has ended${runs === 0 ? "" : `, of ${countText(runs, "run")} so far`}: nothing is known of what they learn.`;
  }
  const [{ task, taskLabel }] = own;
  const best = ranked(own);
  const several = tasks.length > 1;
  const named = best.slice(0, several || study.protocol === "quick" ? 2 : 3).map(({ label, accuracy }) => {
    return `${label} ${shareRange(accuracy.least, accuracy.most)}`;
  });
  const seeds = countText(new Set(study.test_seeds).size, "seed");
  const what = `${measureText(task)}${several ? ` (${taskLabel})` : ""}`;
  const intro =
    study.protocol === "quick" ? `Quick study, ${seeds}: ${what}` : `${capitalised(what)}, ${seeds}`;
  const more = best.length - named.length;
  const parts = [
    `${intro}: ${named.join(", ")}`,
    ...(more > 0 ? [`${more} lower`] : []),
    `chance ${shareText(task.chance)}`,
    ...(task.shortcuts ?? [])
      .slice(-1)
      .map(({ by, accuracy }) => `${shortName(by)} alone ${shareText(accuracy)}`),
  ];
  return `${parts.join("; ")}.`;
}

/** How large what was trained is, and how often: what to know before anything else is made of its accuracies. */
export function modelsAnswer({ study }: Learned): string {
  const [{ model }] = study.tasks;
  const seeds = countText(new Set(study.test_seeds).size, "seed");
  const quick = study.protocol === "quick" ? "A quick study" : "A study";
  return `${quick} of ${tasksText(study.tasks)}, ${seeds} each, by models of ${countText(model.layers, "layer")} and ${countText(model.width, "channel")}: ${study.protocol === "quick" ? "a look at this size, which ranks nothing" : "it ranks variants at this size only"}.`;
}
