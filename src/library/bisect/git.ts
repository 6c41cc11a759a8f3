import { execFileSync, type SpawnOptions } from "node:child_process";
import { devNull } from "node:os";
import process from "node:process";
import { FailureError, messageOf, printable } from "../../core/errors.ts";

/**
 * Words in front of every command: no hook of the repository runs when a commit is checked out, nothing tidies it up in
 * between, and checkouts are quiet. (`git bisect` itself ignores the first for hooks on references.)
 */
export const GIT_WORDS = [
  "-c",
  `core.hooksPath=${devNull}`,
  "-c",
  "gc.auto=0",
  "-c",
  "maintenance.auto=false",
  "-c",
  "advice.detachedHead=false",
] as const;

/** The environment in which git, and what it starts, sees no other repository than that of its folder; in English. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name));
  return { ...Object.fromEntries(inherited), LC_ALL: "C" };
}

/** What git answers in a folder, without the newline at its end. Throws a FailureError with its own last line. */
export function gitIn(folder: string): (...words: readonly string[]) => string {
  return (...words) => {
    try {
      return execFileSync("git", [...GIT_WORDS, ...words], {
        cwd: folder,
        env: gitEnvironment(),
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 2 ** 28,
      }).replace(/\n$/, "");
    } catch (thrown) {
      throw new FailureError(`git ${printable(words[0] ?? "")}: failed, ${whyFailed(thrown)}`);
    }
  };
}

function whyFailed(thrown: unknown): string {
  const { code, stderr } = thrown as NodeJS.ErrnoException & { stderr?: unknown };
  if (code === "ENOENT") return "there is no git; install it";
  const said = typeof stderr === "string" ? stderr.trim().split("\n").at(-1) : undefined;
  return said === undefined || said === "" ? messageOf(thrown) : printable(said, 300);
}

/** For processes that outlive a line: in a folder, with the same environment. */
export function gitOptions(folder: string): Pick<SpawnOptions, "cwd" | "env"> {
  return { cwd: folder, env: gitEnvironment() };
}
