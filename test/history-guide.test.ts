import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { readHistory } from "../src/history/read-history.ts";
import { historyLine } from "../src/history/schema.ts";
import { launcher } from "./commands/launched.ts";
import { fileLines } from "./compare/two-files.ts";
import { blockFile } from "./gate/judge/block-file.ts";
import { scratchRepository } from "./history/scratch-repository.ts";
import { commandLines, root } from "./readme-commands.ts";
import { fileOf } from "./record/sample-lines.ts";

const guide = readFileSync(join(root, "docs/history.md"), "utf8");
/** What comes after is told of a history that others make. */
const [filling] = guide.split("\n## Change points\n");

describe("docs/history.md", () => {
  const repository = scratchRepository();
  const commits = [0, 1].map((day) => repository.commit(`day ${day}`, day));
  mkdirSync(join(repository.path, "results"));
  const put = (name: string, lines: readonly unknown[]) =>
    writeFileSync(join(repository.path, "results", name), fileOf(lines));
  const measured = (commit: string | null, dirty: boolean | null) =>
    fileLines({ environment: { commit, dirty } });
  put("today.jsonl", measured(commits[1], false));
  put("plugin.jsonl", fileLines({ seed: 2, environment: { commit: null, dirty: null } }));
  put("elsewhere.jsonl", measured("e".repeat(40), false));
  const [base, head] = commits.map((commit) => ({ commit, dirty: false }));
  const { gate, lines } = blockFile({ cells: 2, base, head });
  put("gate.jsonl", [gate, ...lines]);

  test.each(commandLines(filling).filter((line) => !line.includes(" run ")))(
    "%s does what it says",
    (line) => {
      const script = `npx() { shift; "$NODE" "$LAUNCHER" "$@"; }\n${line}`;
      const { status, stderr } = spawnSync("bash", ["-c", script], {
        cwd: repository.path,
        encoding: "utf8",
        env: { ...process.env, NODE: process.execPath, LAUNCHER: launcher },
      });
      expect(stderr).not.toMatch(/attnbench:|^\s+at /m);
      expect({ line, status }).toEqual({ line, status: 0 });
    },
  );

  test("leaves a history that holds what its commands added", () => {
    const { entries } = readHistory([join(repository.path, "history.jsonl")]);
    expect(entries.map(({ source }) => source).sort()).toEqual(["gate", "run", "run", "run"]);
    expect(existsSync(join(repository.path, "history.sqlite"))).toBe(true);
    expect(repository.git("check-attr", "merge", "history.jsonl")).toBe("history.jsonl: merge: union");
  });

  test("says what the id of an entry is the hash of", () => {
    const line = commandLines(filling).find((one) => one.includes("sha256sum")) ?? "";
    const { stdout } = spawnSync("bash", ["-c", line], { cwd: repository.path, encoding: "utf8" });
    const lines = readFileSync(join(repository.path, "history.jsonl"), "utf8").trimEnd().split("\n");
    const first = lines.map((one) => JSON.parse(one)).find(({ type }) => type === "entry");
    expect(stdout).toBe(`${first.id}\n`);
  });

  test.each([
    ["entry", "| field | what it is |", 8],
    ["accepted", "| accepted | what it is |", 4],
  ])("tells every field of a line of type %s, and no other", (kind, head, least) => {
    const [, after = ""] = guide.split(head);
    const [table] = after.split("\n\n");
    const schema = z.toJSONSchema(historyLine, { unrepresentable: "any" }) as {
      oneOf: { properties: Record<string, { const?: string }> }[];
    };
    const line = schema.oneOf.find(({ properties }) => properties.type.const === kind);
    const fields = Object.keys(line?.properties ?? {});
    expect(fields.length).toBeGreaterThan(least);
    const told = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, names]) => names.match(/\w+/g) ?? []);
    expect(told.toSorted()).toEqual(fields.toSorted());
  });

  test("links what goes on from history check", () => {
    const [, check = ""] = guide.split("\n## history check\n");
    expect(check.split("\n## ")[0]).toContain("](bisect.md)");
  });

  test("links only to what is there", () => {
    for (const [, target] of guide.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, "docs", target)), target).toBe(true);
    }
  });

  test("has a workflow whose inputs the action has, and whose commit outlives a push that comes between", () => {
    const text = /<!-- workflow -->\n+```yaml\n(.*?)```/s.exec(guide)?.[1] ?? "";
    const { jobs } = parse(text) as {
      jobs: { history: { steps: { uses?: string; with?: object; run?: string }[] } };
    };
    const { steps } = jobs.history;
    const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as { inputs: object };
    const gate = steps.find(({ uses }) => uses?.startsWith("OWNER/attnbench"));
    expect(Object.keys(action.inputs)).toEqual(
      expect.arrayContaining(Object.keys(gate?.with ?? { none: 1 })),
    );

    const hub = scratchRepository("hub");
    hub.commit("first", 0);
    writeFileSync(join(hub.path, ".gitattributes"), "*.jsonl merge=union\n");
    writeFileSync(join(hub.path, "history.jsonl"), "head\n");
    hub.git("add", ".");
    hub.git("commit", "-qm", "history");
    hub.git("config", "receive.denyCurrentBranch", "updateInstead");
    const run = steps.at(-1)?.run ?? "";
    const clones = ["one", "two"].map((name) => {
      const path = join(hub.path, "..", name);
      hub.git("clone", "-q", ".", path);
      writeFileSync(join(path, "history.jsonl"), `head\n${name}\n`);
      return path;
    });
    const env = {
      PATH: process.env.PATH,
      GITHUB_SHA: "abc",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
    };
    for (const cwd of [...clones, clones[0]]) {
      const { status, stderr } = spawnSync("bash", ["-e", "-c", run], { cwd, encoding: "utf8", env });
      expect({ status, cwd }, stderr).toEqual({ status: 0, cwd });
    }
    expect(readFileSync(join(hub.path, "history.jsonl"), "utf8").split("\n").sort()).toEqual([
      "",
      "head",
      "one",
      "two",
    ]);
  });
});
