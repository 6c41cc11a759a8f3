import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { storedEntry } from "../../src/history/entry-line.ts";
import { fileLines } from "../compare/two-files.ts";
import { commitHash, historyText, sampleEntry, samplePlace } from "../history/sample-entries.ts";
import { scratchRepository } from "../history/scratch-repository.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "../record/sample-lines.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const repository = scratchRepository();
const first = repository.commit("first", 0);
const second = repository.commit("second", 1);
const measured = (name: string, commit: string) =>
  folder.write(name, fileOf(fileLines({ environment: { commit, dirty: false }, lengths: [256] })));
const at = (name: string) => join(folder.path, name);
const here = ["--repository", repository.path];

describe("history add", () => {
  test("adds files to a history, tells what, and what was in it already", async () => {
    const words = [
      "history",
      "add",
      measured("a.jsonl", first),
      measured("b.jsonl", second),
      "--history",
      at("h.jsonl"),
      ...here,
    ];
    expect(await commandLine(words)).toEqual({
      code: 0,
      stdout: `${first.slice(0, 12)} of 2026-01-01T00:00:00Z: 2 cells by run\n${second.slice(0, 12)} of 2026-01-02T00:00:00Z: 2 cells by run\n${at("h.jsonl")}: added 2 entries\n`,
      stderr: "",
    });
    expect(await commandLine(words)).toEqual({
      code: 0,
      stdout: `${at("h.jsonl")}: added 0 entries\n`,
      stderr: "2 entries were in it already\n",
    });
    const { stdout } = await commandLine([...words, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ added: [], known: [{ commit: first }, { commit: second }] });
  });

  test.each([
    [
      "history",
      /history: must be followed by what to do, one of history add, history list, .*history export/,
    ],
    ["history nope", /unknown command 'history nope'; expected one of/],
    [
      "history add",
      /history add: a results file or a file of blocks must be named; see attnbench history add --help$/,
    ],
    [
      "history add x.jsonl --nope",
      /unknown option of history add '--nope'; expected one of --history, --commit/,
    ],
    ["history add x.jsonl --dirty=maybe", /--dirty: is on or off and takes no value/],
    [
      "history add x.jsonl --history h.sqlite",
      /history: entries are added to a file that ends in \.jsonl, got h\.sqlite/,
    ],
    ["history list extra", /history list: takes no argument 'extra'/],
    ["history export", /history export: must be told where to; name a file with --sqlite or --jsonl/],
    ["history export --history h.jsonl --jsonl ./h.jsonl", /--jsonl: must be another file than the history/],
    ["history export --sqlite x.sqlite --since soon", /--since: must be a day or a time with its zone/],
  ])("is refused in one line: %s", async (words, says) => {
    const { code, stdout, stderr } = await commandLine(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^attnbench: [^\n]*\n$/);
    expect(stderr.trim()).toMatch(says);
  });
});

describe("history list", () => {
  const other = samplePlace({ node: "27.0.0" });
  const entries = [
    sampleEntry(0, { commit: first, cells: { "full/js/b1h1n64d8": 1e-3, "local/js/b1h1n64d8": 2e-3 } }),
    sampleEntry(1, { commit: second, cells: { "full/js/b1h1n64d8": 3e-3 }, place: other }),
  ];
  const path = folder.write("listed.jsonl", historyText(entries));

  test("tells machines, why they are two, and their series", async () => {
    const { code, stdout, stderr } = await commandLine(["history", "list", "--history", path, ...here]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replace(/^[0-9a-f]{12}(?=: Ex)/gm, "NAME").replace(/(?<=not )[0-9a-f]{12}/, "NAME")).toBe(
      `2 entries of 2 commits on 2 machines, 2 cells
from ${first.slice(0, 12)} of 2026-01-01 to ${second.slice(0, 12)} of 2026-01-02

NAME: Example CPU, 2 cores, Linux, node 26.10.0
  1 entry, measured from 2026-01-02 to 2026-01-02

commits   newest  cell
      1  1.00 ms  full/js/b1h1n64d8
      1  2.00 ms  local/js/b1h1n64d8

NAME: Example CPU, 2 cores, Linux, node 27.0.0
  1 entry, measured from 2026-01-03 to 2026-01-03
  not NAME: node 27.0.0, not 26.10.0

commits   newest  cell
      1  3.00 ms  full/js/b1h1n64d8
`,
    );
  });

  test("says what it does not know of the order of commits", async () => {
    const strange = folder.write(
      "strange.jsonl",
      `${historyText([...entries, sampleEntry(7), sampleEntry(8)])}{"type":`,
    );
    const { stderr } = await commandLine(["history", "list", "--history", strange, ...here]);
    expect(stderr).toBe(
      `the last line of ${strange} was cut off and is ignored\ngit does not know 2 commits, which stand by their dates: ${commitHash(7).slice(0, 12)}, ${commitHash(8).slice(0, 12)}\n`,
    );
    const nowhere = await commandLine(["history", "list", "--history", path, "--repository", "/"]);
    expect(nowhere).toMatchObject({ code: 2, stdout: "" });
    expect(nowhere.stderr).toMatch(/--repository: must name a folder of a git repository with commits/);
    const branch = await commandLine(["history", "list", "--history", path, ...here, "--branch", "-h"]);
    expect(branch).toMatchObject({ code: 2, stdout: "" });
  });

  test("obeys nothing that a name or a place says", async () => {
    const forged = storedEntry({
      ...sampleEntry(0, { place: samplePlace({ cpu: "\u001b[2J\u202eCPU\nattnbench: fine" }) }),
      cells: new Map([
        ["\u202e\u2028full\u200b", { median_s: 1 }],
        ["__proto__", { median_s: 1 }],
      ]),
    });
    const file = folder.write("forged.jsonl", historyText([forged]));
    const { stdout } = await commandLine(["history", "list", "--history", file, ...here]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028\u200b]/);
    expect(stdout).toContain("__proto__");
    expect(stdout).not.toMatch(/^attnbench: fine/m);
  });

  test("prints the same as JSON, and says of an empty one that it is", async () => {
    const { stdout } = await commandLine(["history", "list", "--history", path, ...here, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      commits: 2,
      elsewhere: [],
      series: [{ cell: "full/js/b1h1n64d8", points: 1, last: { commit: first, median_s: 1e-3 } }, {}, {}],
    });
    const empty = folder.write("empty.jsonl", "");
    expect((await commandLine(["history", "list", "--history", empty, ...here])).stdout).toMatch(
      /^the history is empty/,
    );
  });
});

describe("history export", () => {
  test("goes to SQLite and back, joins files, and cuts by date", async () => {
    const [a, b] = [
      [0, 1],
      [1, 2],
    ].map((indices, index) =>
      folder.write(`${index}.jsonl`, historyText(indices.map((one) => sampleEntry(one)))),
    );
    const words = [
      "history",
      "export",
      "--history",
      b,
      "--history",
      a,
      "--sqlite",
      at("h.sqlite"),
      "--jsonl",
      at("all.jsonl"),
    ];
    expect(await commandLine(words)).toMatchObject({
      code: 0,
      stdout: `${at("h.sqlite")}: wrote 3 entries\n${at("all.jsonl")}: wrote 3 entries\n`,
    });
    const back = await commandLine([
      "history",
      "export",
      "--history",
      at("h.sqlite"),
      "--jsonl",
      at("back.jsonl"),
    ]);
    expect(back.code).toBe(0);
    const whole = historyText([0, 1, 2].map((index) => sampleEntry(index)));
    expect(readFileSync(at("back.jsonl"), "utf8")).toBe(whole);
    expect(readFileSync(at("all.jsonl"), "utf8")).toBe(whole);
    const cut = [
      "history",
      "export",
      "--history",
      at("h.sqlite"),
      "--jsonl",
      at("cut.jsonl"),
      "--since",
      "2026-01-02",
      "--until",
      "2026-01-03",
    ];
    await commandLine(cut);
    expect(readFileSync(at("cut.jsonl"), "utf8")).toBe(historyText([sampleEntry(1)]));
  });
});
