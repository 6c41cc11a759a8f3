import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { launcher } from "./commands/launched.ts";
import { historyText, sampleEntry } from "./history/sample-entries.ts";
import { scratchRepository } from "./history/scratch-repository.ts";
import { commandLines, root } from "./readme-commands.ts";

const guide = readFileSync(join(root, "docs/history.md"), "utf8");
const [, found = ""] = guide.split("\n## Change points\n");

describe("docs/history.md, on changes", () => {
  const repository = scratchRepository();
  const entries = [0, 1, 2, 3].map((day) =>
    sampleEntry(day, { commit: repository.commit(`day ${day}`, day) }),
  );
  writeFileSync(join(repository.path, "history.jsonl"), historyText(entries));

  test.each(commandLines(found))("%s does what it says", (line) => {
    const script = `npx() { shift; "$NODE" "$LAUNCHER" "$@"; }\n${line}`;
    const { status, stderr } = spawnSync("bash", ["-c", script], {
      cwd: repository.path,
      encoding: "utf8",
      env: { ...process.env, NODE: process.execPath, LAUNCHER: launcher },
    });
    expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
    // Four commits are too few for `check`.
    expect({ line, status }).toEqual({ line, status: line.includes(" check") ? 3 : 0 });
  });

  test("leaves a page, a summary, and what was accepted", () => {
    for (const name of ["index.html", "summary.md"]) {
      expect(existsSync(join(repository.path, "reports/history", name))).toBe(true);
    }
    const lines = readFileSync(join(repository.path, "history.jsonl"), "utf8").trimEnd().split("\n");
    const accepted = lines.flatMap((line) => (line.includes('"accepted"') ? [JSON.parse(line)] : []));
    expect(accepted.map(({ commit, cells }) => [commit, cells])).toEqual([
      [entries[1].commit, undefined],
      [entries[3].commit, ["local*"]],
    ]);
  });
});
