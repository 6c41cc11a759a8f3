import { execFileSync } from "node:child_process";
import { devNull } from "node:os";
import process from "node:process";

/**
 * Git's answer in the folder `root`; null if there is none, for whatever reason. Only for commands that run nothing that a
 * repository names, whoever owns it.
 */
export function git(root: string, args: readonly string[], input = ""): Buffer | null {
  try {
    return execFileSync("git", ["-c", "safe.directory=*", ...args], {
      cwd: root,
      env: cleanEnvironment(),
      input,
      stdio: ["pipe", "pipe", "ignore"],
      maxBuffer: Number.POSITIVE_INFINITY,
    });
  } catch {
    return null;
  }
}

/**
 * In a git hook, or under a tool, `GIT_…` may name another repository, index or setting. The user's own
 * settings are ignored as well; the commands used here run nothing that a repository names, whoever owns it.
 */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
}
