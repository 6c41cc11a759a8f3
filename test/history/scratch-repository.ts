import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { scratchFolder } from "../input/scratch-folder.ts";

/** A repository of a test, which goes when the file's tests are over. */
export interface ScratchRepository {
  readonly path: string;
  git(...args: readonly string[]): string;
  /** An empty commit, committed on the day of this number, and its hash. */
  commit(message: string, day: number): string;
}

export function scratchRepository(name = "repository"): ScratchRepository {
  const path = join(scratchFolder().path, name);
  mkdirSync(path);
  const run = (args: readonly string[], date?: string) =>
    execFileSync(
      "git",
      ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", ...args],
      {
        cwd: path,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env.PATH,
          GIT_CONFIG_GLOBAL: "/dev/null",
          GIT_CONFIG_NOSYSTEM: "1",
          ...(date !== undefined && { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date }),
        },
      },
    ).trim();
  run(["init", "-q"]);
  return {
    path,
    git: (...args) => run(args),
    commit(message, day) {
      run(
        ["commit", "-q", "--allow-empty", "-m", message],
        new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
      );
      return run(["rev-parse", "HEAD"]);
    },
  };
}
