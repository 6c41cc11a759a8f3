import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { findTask, TASKS } from "../../src/tasks/index.ts";
import { reachOf } from "../../src/tasks/reach.ts";
import { shortcutAccuracy } from "../../src/tasks/shortcut-accuracy.ts";
import type { BoundTask } from "../../src/tasks/task.ts";
import { examplesOf, type OneExample } from "./examples-of.ts";
import { shallowReading, writtenListops } from "./written-listops.ts";

const guide = readFileSync(resolve(import.meta.dirname, "../../docs/tasks.md"), "utf8");

/** What stands between two comments of the guide. */
function between(name: string): string {
  return guide.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0]?.trim() ?? "";
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heads.map((_, at) => (at === 0 ? "---" : "---:"));
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function answersOf({ output }: BoundTask): string {
  if (output.kind === "asked") return `${output.answers}, each at a token`;
  return output.kind === "sequence" ? "1 of the sequence" : `up to ${output.most}, as the model decides`;
}

function tasksTable(): string {
  return table(
    ["task", "tokens", "causal", "answers", "labels", "chance"],
    TASKS.map((task) => {
      const bound = task.bind({});
      return [
        `\`${task.id}\``,
        `${bound.length}`,
        bound.causal ? "yes" : "no",
        answersOf(bound),
        `${bound.output.labels}`,
        bound.chance < 1e-3 ? bound.chance.toExponential(1) : `${Number(bound.chance.toFixed(4))}`,
      ];
    }),
  );
}

const drawn = (seed: number, count: number) =>
  examplesOf(findTask("listops").bind({}), randomStream(seed), count);

/** How often the label is right that was the most frequent, in other examples, for what a reader takes of one. */
function shortcut(
  known: readonly OneExample[],
  asked: readonly OneExample[],
  readerOf: (words: readonly string[]) => string,
): string {
  const counts = new Map<string, number[]>();
  for (const { tokens, answers } of known) {
    const seen = readerOf(writtenListops(tokens));
    const own = counts.get(seen) ?? new Array<number>(10).fill(0);
    own[answers[0]]++;
    counts.set(seen, own);
  }
  const right = asked.filter(({ tokens, answers }) => {
    const own = counts.get(readerOf(writtenListops(tokens))) ?? [1];
    return own.indexOf(Math.max(...own)) === answers[0];
  });
  return (right.length / asked.length).toFixed(2);
}

function shortcutsTable(): string {
  const [known, asked] = [drawn(1, 10_000), drawn(2, 5000)];
  return table(
    ["what is looked at", "accuracy"],
    [
      ["the first operator", shortcut(known, asked, ([first]) => first)],
      [
        "the first operator, applied to its own digits alone, and how many expressions it has beside them",
        shortcut(known, asked, shallowReading),
      ],
    ],
  );
}

function reachTable(): string {
  return table(
    [
      "causal window, the query's own key included",
      "`mqar`: reach",
      "direct",
      "`window-recall`: reach",
      "direct",
    ],
    [8, 16, 32, 64].map((window) => [
      `${window}`,
      ...["mqar", "window-recall"].flatMap((id) => {
        const task = findTask(id).bind({});
        const found = reachOf(task, (_, query, key) => query - key < window, 1, task.usual, 1);
        return [found.reach.toFixed(2), found.directReach.toFixed(2)];
      }),
    ]),
  );
}

describe("docs/tasks.md", () => {
  test("lists the tasks at their usual sizes", () => expect(between("tasks")).toBe(tasksTable()));
  test("says what shortcuts give in ListOps, and results say the same", () => {
    expect(between("shortcuts")).toBe(shortcutsTable());
    const task = findTask("listops").bind({});
    const said = task.shortcuts?.map((one) => shortcutAccuracy(task, one).toFixed(2)) ?? [];
    expect(said.map((share) => expect.stringContaining(`| ${share} |`))).toEqual(
      between("shortcuts").split("\n").slice(2),
    );
  });
  test("says what windows reach", () => expect(between("reach")).toBe(reachTable()));

  test("has a section on each task, and names each of its parameters with its usual value", () => {
    for (const { id, params } of TASKS) {
      const section = guide.split(`\n## \`${id}\`: `)[1]?.split("\n## ")[0] ?? "";
      for (const [name, parameter] of Object.entries(params)) {
        if (id === "window-recall" && ["symbols", "noise"].includes(name)) continue; // as in mqar
        if (name === "length") expect(section).toMatch(new RegExp(`N tokens|${parameter.default}`));
        else expect(section).toMatch(new RegExp(`\`${name}\`(, | \\(| symbols \\()${parameter.default}\\)?`));
      }
    }
  });
});
