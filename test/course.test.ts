import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { coursePicture, PICTURE } from "../scripts/course-picture.ts";
import { commandHost } from "./commands/hosted.ts";
import { commandLines, readersFolder, root, wordsOf } from "./readme-commands.ts";

const course = readFileSync(join(root, "docs/self-attention.md"), "utf8");

/** Commands that print a drawing, and the drawing that the page has after each. */
const drawings = [...course.matchAll(/```sh\n(npx attnbench show [^\n]+)\n```\n\n```\n(.*?)```/gs)].map(
  ([, line, drawing]) => ({ line, drawing }),
);

describe("docs/self-attention.md", () => {
  const hosted = commandHost(readersFolder());

  test.each(commandLines(course))("%s does what it says", async (line) => {
    const { code, stderr } = await hosted(wordsOf(line.replace(/--lengths \S+/, "--lengths 16,64")));
    expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
    expect({ line, code }).toEqual({ line, code: 0 });
  });

  test("shows the chart of time over length as it is drawn of the example's results", async () => {
    expect(course).toContain(`](${relative(join(root, "docs"), PICTURE)})`);
    expect(readFileSync(PICTURE, "utf8")).toBe(await coursePicture());
  });

  test("has the drawing after every command that draws", () => {
    const drawn = commandLines(course).filter((line) => line.startsWith("npx attnbench show "));
    expect(drawings.map(({ line }) => line)).toEqual(drawn);
  });

  test.each(drawings)("shows what $line prints", async ({ line, drawing }) => {
    const { stdout } = await hosted(wordsOf(line));
    expect(stdout).toBe(drawing);
  });
});
