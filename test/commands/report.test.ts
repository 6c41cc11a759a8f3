import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleCase, sampleLines } from "../record/sample-lines.ts";
import { hostile, hostileTraces } from "../report/hostile-results.ts";
import { partsOf } from "../report/page-parts.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const sample = fileOf(sampleLines({ cases: 3, rounds: 8 }));

test("a page lies where it is told to lie, else under the name of the results", async () => {
  folder.write("mine.jsonl", sample);
  const { code, stdout } = await commandLine("report mine.jsonl");
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^wrote reports\/mine\/index.html and \d+ files beside it\n$/),
  });
  expect((await commandLine("report mine.jsonl --out elsewhere/deep --title Mine")).code).toBe(0);
  expect(readFileSync("elsewhere/deep/index.html", "utf8")).toMatch(/<title>[^<]*Mine/);
});

test("several files make one page", async () => {
  folder.write("one.jsonl", sample);
  folder.write("two.jsonl", sample);
  const { code, stdout } = await commandLine("report one.jsonl two.jsonl");
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("reports/one+two/index.html"),
  });
});

test("a name of dots stays within the folder of reports", async () => {
  folder.write("...jsonl", sample);
  const { stdout } = await commandLine("report ...jsonl");
  expect(stdout).toContain("wrote reports/results/index.html");
  expect(existsSync("index.html")).toBe(false);
});

test("a file that was cut off is reported as far as it goes, and this is said", async () => {
  folder.write("cut.jsonl", sample.slice(0, -10));
  const { code, stderr } = await commandLine("report cut.jsonl");
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "cut.jsonl: its last line was cut off and is ignored\n",
  });
});

test("one case alone, or nothing but failures, still makes a page", async () => {
  folder.write("alone.jsonl", fileOf(sampleLines({ cases: 1, rounds: 1 })));
  expect((await commandLine("report alone.jsonl")).code).toBe(0);
  const [run] = sampleLines({ cases: 1 });
  const failed = { ...sampleCase("case-0", 16), outcome: "failed", reason: "verification: row 3" };
  folder.write("failed.jsonl", fileOf([run, failed]));
  expect((await commandLine("report failed.jsonl")).code).toBe(0);
  expect(readFileSync("reports/failed/index.html", "utf8")).toContain("verification: row 3");
});

test("hostile strings of a file reach neither the terminal nor the page as they are", async () => {
  const text = fileOf(sampleLines({ cases: 2, rounds: 6 }));
  const evil = JSON.stringify(hostile).slice(1, -1);
  const poisoned = text
    .replaceAll('"variant":"local"', () => `"variant":"${evil}"`)
    .replaceAll('"warnings":[]', () => `"warnings":["${evil}"]`)
    .replaceAll('"cpu":"Example CPU"', () => `"cpu":"${evil}"`);
  folder.write("evil.jsonl", poisoned);
  const alone = await commandLine("report evil.jsonl --out evil");
  const both = await commandLine("report evil.jsonl evil.jsonl --out evil");
  for (const { code, stdout, stderr } of [alone, both]) {
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/^[\P{Cc}\n]*$/u);
  }
  expect(hostileTraces(partsOf(readFileSync("evil/index.html", "utf8")).markup)).toEqual([]);
});

test("formats are chosen by name, and several are numbered", async () => {
  folder.write("chosen.jsonl", sample);
  const { code, stdout } = await commandLine("report chosen.jsonl --format md,csv,md");
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "wrote reports/chosen/summary.md and 1 file beside it\n",
  });
  expect(readdirSync("reports/chosen").sort()).toEqual(["cases.csv", "summary.md"]);
  expect(readFileSync("reports/chosen/cases.csv", "utf8")).toMatch(/^variant,kernel,length/);
  await commandLine("report chosen.jsonl chosen.jsonl --format csv --out both");
  expect(readdirSync("both").sort()).toEqual(["cases-1.csv", "cases-2.csv"]);
});

test("a title is text in the page and in the summary", async () => {
  folder.write("titled.jsonl", sample);
  await commandLine("report titled.jsonl --out titled --title=<b>*@you*");
  expect(readFileSync("titled/summary.md", "utf8")).toMatch(/^# &lt;b&gt;\\\*@<!-- -->you\\\*\n/);
  expect(readFileSync("titled/index.html", "utf8")).not.toContain("<b>");
});

test.runIf(process.platform === "linux")(
  "the page is opened by the system's opener, without a shell",
  async () => {
    mkdirSync("bin");
    folder.write("bin/xdg-open", `#!/bin/sh\nprintf %s "$1" > "${folder.path}/opened"\n`);
    chmodSync(join(folder.path, "bin/xdg-open"), 0o755);
    folder.write("open me.jsonl", sample);
    const path = process.env.PATH;
    try {
      process.env.PATH = `${join(folder.path, "bin")}:${path}`;
      const { code, stderr } = await commandLine([
        "report",
        "open me.jsonl",
        "--out",
        "a $(b) folder",
        "--open",
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      await vi.waitFor(
        () => expect(readFileSync("opened", "utf8")).toBe(join(process.cwd(), "a $(b) folder", "index.html")),
        { timeout: 300_000 },
      );
      process.env.PATH = folder.path;
      const none = await commandLine("report mine.jsonl --open");
      expect(none).toMatchObject({
        code: 1,
        stderr:
          "attnbench: --open: must be able to start xdg-open, there is no such program; open reports/mine/index.html by hand\n",
      });
    } finally {
      process.env.PATH = path;
    }
  },
);

test("what cannot be read or written is one line, and nothing is left", async () => {
  folder.write("fine.jsonl", sample);
  folder.write("taken", "");
  folder.write("broken.jsonl", `${sample}{"type":"case"}\n`);
  const before = readdirSync(folder.path);
  for (const [words, code, says] of [
    ["report fine.jsonl --out page.html", 2, /--out: must name a folder, got page\.html; omit \.html/],
    ["report fine.jsonl --out taken", 1, /taken: cannot be made, /],
    [
      "report fine.jsonl --format pdf",
      2,
      /unknown format 'pdf'; expected one of html, svg, png, md, csv, tex, vega/,
    ],
    ["report fine.jsonl --format html,", 2, /--format: must be formats separated by commas, got 'html,'/],
    ["report fine.jsonl --look print", 2, /unknown look 'print'; expected one of paper, page, dark/],
    ["report fine.jsonl --look paper --format md,csv", 2, /--look: must have pictures, got --format md,csv/],
    ["report fine.jsonl --open --format svg,md", 2, /--open: must have a page to open, got --format svg,md/],
    ["report fine.jsonl missing.jsonl", 2, /missing.jsonl: no such file or folder/],
    [
      "report fine.jsonl broken.jsonl",
      1,
      /broken.jsonl line 29: case: .*got nothing; restore the line, or remove it/,
    ],
    [`report ${join(folder.path, "taken")}`, 1, /must hold a whole line, got 0 bytes/],
  ] as const) {
    const outcome = await commandLine(words);
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect(outcome).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(says) });
  }
  expect(readdirSync(folder.path)).toEqual(before);
});

test("names that the font of PNG lacks are told where PNG is asked for", async () => {
  const [run, ...lines] = sampleLines({ cases: 1, rounds: 1 });
  const named = JSON.stringify([run, ...lines]).replaceAll('"variant":"local"', '"variant":"注意"');
  folder.write("named.jsonl", fileOf(JSON.parse(named)));
  expect((await commandLine("report named.jsonl --format md")).stderr).toBe("");
  expect((await commandLine("report named.jsonl --format png")).stderr).toMatch(
    /drawn as boxes there; SVG has them/,
  );
});
