import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { prepareStudy } from "../../../src/library/study/train.ts";
import { readLines } from "../../../src/record/read.ts";
import type { StudyLine } from "../../../src/record/schema/learning-lines.ts";
import { USUAL_SETTINGS } from "../../../src/training/study/usual-cells.ts";
import { spinModule } from "../../gate/stand-in.ts";
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

test("a study goes on with the code of its plug-ins and no other, down to a file that they read", async () => {
  const plugin = folder.write(
    "mine.mjs",
    `const table = new URL("./table.json", import.meta.url);\n${spinModule()}`,
  );
  const resumed = (plugins: readonly string[]) => prepareStudy({ resume: path, plugins }, path, host);
  const path = `${folder.path}/plugged.jsonl`;
  folder.write("table.json", "1");
  const choices = { variants: "full", quick: true, out: path, plugins: [plugin] };
  (await prepareStudy(choices, path, host)).open().close();
  const began = readFileSync(path, "utf8");
  expect(readLines(path).learned?.study.plugins).toMatchObject([{ name: "mine.mjs" }]);
  expect((await resumed([plugin])).study.cells).toHaveLength(1);
  await expect(resumed([])).rejects.toThrow(
    /^--resume: the study began with plugins mine.mjs \w{12}, .*, this is mine.mjs missing, .*; restore it, or start over/,
  );
  folder.write("table.json", "2");
  await expect(resumed([plugin])).rejects.toThrow(
    /^--resume: the study began with plugins mine.mjs: table.json \w{12}, this is mine.mjs: table.json \w{12}; restore it/,
  );
  folder.write("table.json", "1");
  expect((await resumed([plugin])).study.cells).toHaveLength(1);
  expect(readFileSync(path, "utf8")).toBe(began);
});

test("a study by other code of this package is refused, which names what changed", async () => {
  const path = await begun("older", ({ code, ...study }) => ({
    ...study,
    code: { ...code, "src/core": "0" },
  }));
  await expect(prepareStudy({ resume: path }, path, host)).rejects.toThrow(
    /^--resume: the study began with code src\/core 0, this is src\/core \w{12}; restore it, or start over with --out$/,
  );
});

test("variants that are trained by parameters of their own exist, and take them", async () => {
  const { study } = await prepareStudy(
    { variants: Object.keys(USUAL_SETTINGS), tasks: "mqar,pixel-rows", quick: true },
    "never-written.jsonl",
    host,
  );
  for (const { variant, params } of study.cells) {
    const set = USUAL_SETTINGS[variant].map((one) => one.split("="));
    expect(params).toMatchObject(Object.fromEntries(set.map(([name, value]) => [name, Number(value)])));
  }
  // Each of them is trained on one of the two.
  const trained = study.cells.filter(({ unsupported }) => unsupported === null);
  expect(new Set(trained.map(({ variant }) => variant))).toEqual(new Set(Object.keys(USUAL_SETTINGS)));
});
