import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, test } from "vitest";
import { readBlocks } from "../src/record/read-blocks.ts";
import { writeProgram } from "./fake-runner.ts";
import { scratchFolder } from "./input/scratch-folder.ts";

const root = resolve(import.meta.dirname, "..");
const guide = readFileSync(join(root, "docs/gate.md"), "utf8");

describe("the ten lines for any CI", () => {
  const quoted = /<!-- ten lines -->\n+```bash\n(.*?)^```$/ms.exec(guide)?.[1] ?? "";
  // On a busy machine a gate goes on for as long as it may.
  const script = quoted.replace("--budget 10m", "--budget 1m");
  const scratch = scratchFolder();
  const clone = join(scratch.path, "clone");
  const git = (where: string, ...words: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...words], {
      cwd: where,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();

  beforeAll(() => {
    const origin = join(scratch.path, "origin");
    for (const part of ["src", "variants", "package.json", ".gitignore"]) {
      cpSync(join(root, part), join(origin, part), { recursive: true });
    }
    git(origin, "init", "--quiet", "--initial-branch", "main");
    git(origin, "add", "--all");
    git(origin, "commit", "--quiet", "-m", "base");
    git(scratch.path, "clone", "--quiet", "origin", "clone");
    git(clone, "checkout", "--quiet", "-b", "change");
    // What others merge meanwhile: it must not be measured.
    writeFileSync(join(origin, "variants/index.ts"), "export const variants = [];\n");
    git(origin, "commit", "--quiet", "--all", "-m", "what others merged");
    git(clone, "fetch", "--quiet");
    // In place of an installation: what it would bring is here.
    writeProgram(
      join(scratch.path, "bin/npm"),
      `#!/usr/bin/env bash
[ "$*" = ci ] || exit 1
ln -s "$ROOT/node_modules" node_modules && cp -r "$ROOT/src/kernels/wasm/build" src/kernels/wasm && cp -r "$ROOT/src/report/bundle/build" src/report/bundle && cp -r "$ROOT/src/page/bundle/build" src/page/bundle
`,
    );
    writeProgram(
      join(scratch.path, "bin/npx"),
      `#!/usr/bin/env bash\n[ "$1" = attnbench ] && shift && exec node src/launch.js "$@"\n`,
    );
  });

  /** Runs them in a fresh clone at what is committed there. */
  function tenLines(name: string, ...more: string[]) {
    const folder = join(scratch.path, name);
    git(scratch.path, "clone", "--quiet", "--branch", "change", "clone", name);
    git(folder, "remote", "set-url", "origin", join(scratch.path, "origin"));
    git(folder, "fetch", "--quiet");
    mkdirSync(join(scratch.path, "temp"), { recursive: true });
    const ended = spawnSync("bash", ["-s", "--", ...more], {
      cwd: folder,
      encoding: "utf8",
      input: script,
      env: {
        ...process.env,
        PATH: [join(scratch.path, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
        TMPDIR: join(scratch.path, "temp"),
        ROOT: root,
      },
    });
    return { folder, ...ended };
  }

  const TINY = ["--lengths", "64", "--cell-time", "20ms", "--blocks", "2"];

  test("gate a change against what it set out from, and leave blocks and report", () => {
    const path = join(clone, "variants/feature-map/linear.ts");
    writeFileSync(path, `${readFileSync(path, "utf8")}// changed\n`);
    git(clone, "commit", "--quiet", "--all", "-m", "change");
    const { status, folder, stderr, stdout } = tenLines("same", ...TINY, "--variants", "linear", "--table");
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toMatch(/^linear +64 /m);
    const { gate } = readBlocks(join(folder, "gate.jsonl"));
    const start = git(clone, "rev-parse", "origin/main~");
    expect([gate.base.commit, gate.head.commit]).toEqual([start, git(clone, "rev-parse", "HEAD")]);
    expect(gate.base.code_sha256).not.toBe(gate.head.code_sha256);
    expect(existsSync(join(folder, "gate/junit.xml"))).toBe(true);
    expect(git(folder, "worktree", "list").split("\n").length).toBe(1);
  });

  test("end with 4 where the change does more work, and with 1 where it cannot be loaded", () => {
    const path = join(clone, "variants/sparse/local.ts");
    const was = readFileSync(path, "utf8");
    const commit = (text: string) => {
      writeFileSync(path, text);
      git(clone, "commit", "--quiet", "--all", "-m", "change");
    };
    const wider = was.replace("band(left ?? window,", "band((left ?? window) + 1,");
    expect(wider).not.toBe(was);
    commit(wider);
    const more = tenLines("more", ...TINY, "--variants", "local", "--set", "local.window=15");
    expect(more.stdout).toMatch(/work changed in 1/);
    expect(more.status).toBe(4);
    commit("throw new Error('not to be loaded');\n");
    const broken = tenLines("broken", ...TINY, "--variants", "linear");
    expect(broken.status).toBe(1);
    expect(broken.stderr).toContain("cannot be loaded");
    expect(git(broken.folder, "worktree", "list").split("\n").length).toBe(1);
  });
});
