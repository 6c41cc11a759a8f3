import { describe, expect, test } from "vitest";
import type { StudiedTask } from "../../../src/record/schema/learning-lines.ts";
import { tasksText } from "../../../src/report/learning/tasks-text.ts";
import { sampleLearned } from "../sample-learned.ts";

const [task] = sampleLearned().study.tasks;
const { model } = task;

/** The task with heads of this width, named as a study names it. */
function atWidth(width: number, name = task.task): StudiedTask {
  return { ...task, task: `${name} head-dim=${width}`, model: { ...model, heads: model.width / width } };
}

describe("what was learned", () => {
  test("is one task by its name", () => {
    expect(tasksText([task])).toBe(task.task);
  });

  test("is one task at several widths of a head", () => {
    const usual = model.width / model.heads;
    expect(tasksText([task, atWidth(usual / 2)])).toBe(`${task.task} at 2 widths of a head`);
    expect(tasksText([atWidth(usual / 2), atWidth(usual / 4), task])).toBe(
      `${task.task} at 3 widths of a head`,
    );
  });

  test("is several tasks by their number", () => {
    expect(tasksText([task, { ...task, task: "listops" }])).toBe("2 tasks");
    expect(tasksText([task, atWidth(4), { ...task, task: "listops" }])).toBe("2 tasks at 2 widths of a head");
  });
});
