import { expect, test } from "vitest";
import { prepareStudy } from "../../../src/library/study/train.ts";
import { readLines } from "../../../src/record/read.ts";
import type { StudyLine } from "../../../src/record/schema/learning-lines.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { fileOf } from "../../record/sample-lines.ts";

const folder = scratchFolder();
const host = { today: () => new Date(0), warn: () => {} };

/** The path of a file in which a study of full and local has begun, with its second line changed. */
async function begun(name: string, change: (study: StudyLine) => StudyLine): Promise<string> {
  const path = `${folder.path}/${name}.jsonl`;
  const { open } = await prepareStudy({ variants: "full,local", quick: true, out: path }, path, host);
  open().close();
  const { run, learned } = readLines(path);
  if (learned === null) throw new TypeError("no study was written");
  folder.write(`${name}.jsonl`, fileOf([run, change(learned.study)]));
  return path;
}

test("a study whose variant or task is not there is refused before a run is written as failed", async () => {
  const named = (of: "variant" | "task", study: StudyLine): StudyLine => ({
    ...study,
    ...(of === "variant" && {
      cells: study.cells.map((cell, at) => ({ ...cell, ...(at === 1 && { variant: "sink" }) })),
    }),
    ...(of === "task" && { tasks: study.tasks.map((task) => ({ ...task, id: "sorting" })) }),
  });
  for (const of of ["variant", "task"] as const) {
    const path = await begun(of, (study) => named(of, study));
    const again = prepareStudy({ resume: path }, path, host);
    await expect(again).rejects.toThrow(
      new RegExp(
        `^--resume: unknown ${of} '(sink|sorting)'; .*; if a plug-in brought it, give its --plugin again$`,
      ),
    );
  }
  const path = await begun("known", (study) => study);
  expect((await prepareStudy({ resume: path }, path, host)).study.cells).toHaveLength(2);
});
