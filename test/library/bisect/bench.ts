import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, vi } from "vitest";
import { type BisectChoices, bisect } from "../../../src/library/bisect/bisect.ts";
import { repositoryIn } from "./repository.ts";

/**
 * A gate that reads what it would find in the files of both sides: `speed` holds a number, or a word that says how it ends.
 * It writes down how it was called. A script of the system's shell, which starts in milliseconds.
 */
const GATE = `#!/bin/sh
printf '%s\\n' "$PWD" "$@" -- >>"$GATE_CALLS"
for word; do
  case $word in
    --base=*) base=\${word#*=} ;;
    --head=*) head=\${word#*=} ;;
    --out=*) out=\${word#*=} ;;
  esac
done
base=$(cat "$base/speed" 2>/dev/null || echo missing)
head=$(cat "$head/speed" 2>/dev/null || echo missing)
[ -z "\${out-}" ] || echo begun >"$out"
case $head in
  killed) kill -KILL $$ ;;
  missing) echo 'attnbench: --head: there is no such folder or file' >&2; exit 2 ;;
  broken) echo 'attnbench: gate: head cannot be loaded' >&2; exit 1 ;;
  noisy) echo 'Inconclusive. The machine was too noisy.'; exit 3 ;;
  waits)
    if [ -n "\${out-}" ]; then
      trap 'echo interrupted >&2; kill $!; exit 1' INT
      echo 'half of it'
      sleep 600 &
      wait
    fi
    ;;
esac
case $head in
  [0-9]*) [ "$head" -gt "$base" ] && { echo "Regressed. From $base to $head."; exit 4; } ;;
esac
echo 'No change seen.'
`;

const USUAL: BisectChoices = {
  good: undefined,
  bad: "HEAD",
  subject: undefined,
  plan: ["--lengths=64"],
  rules: [],
  build: undefined,
  out: undefined,
  resume: undefined,
};

/** A repository, a stand-in gate and a place for temporary files, anew for each test of a file. */
export function bisectionBench() {
  const home = process.cwd();
  let folder = "";
  let repository: ReturnType<typeof repositoryIn>;

  beforeEach(() => {
    // Names that a shell would read as something else.
    folder = join(mkdtempSync(join(tmpdir(), "bisect-test-")), "a b'$(id)");
    mkdirSync(join(folder, "temp"), { recursive: true });
    writeFileSync(join(folder, "calls"), "");
    writeFileSync(join(folder, "gate"), GATE, { mode: 0o755 });
    vi.stubEnv("TMPDIR", join(folder, "temp"));
    vi.stubEnv("GATE_CALLS", join(folder, "calls"));
    repository = repositoryIn(join(folder, "repository"));
    process.chdir(repository.folder);
  });

  afterEach(() => {
    process.chdir(home);
    vi.unstubAllEnvs();
    rmSync(join(folder, ".."), { recursive: true, force: true });
  });

  return {
    usual: USUAL,
    get repository() {
      return repository;
    },
    get gate() {
      return [join(folder, "gate")];
    },
    /** A path that lies outside of the repository. */
    path: (...names: readonly string[]) => join(folder, ...names),
    /** Commits with these speeds, one after the other. */
    history: (...speeds: readonly (string | number)[]) =>
      speeds.map((speed, at) => repository.commit(`change ${at}`, { speed: `${speed}`, n: `${at}` })),
    async run(choices: Partial<BisectChoices>, signal = new AbortController().signal) {
      const tested: string[] = [];
      const hearing = {
        tested: ({ outcome }: { outcome: string }, { subject }: { subject: string }) =>
          tested.push(`${subject}: ${outcome}`),
        left: () => {},
      };
      const host = { signal, remark: () => {} };
      const bisected = await bisect({ ...USUAL, ...choices }, hearing, host, [join(folder, "gate")]);
      return { ...bisected, tested };
    },
    /** How the gate was called: from which folder, with which words. */
    calls: () =>
      readFileSync(join(folder, "calls"), "utf8")
        .split("--\n")
        .slice(0, -1)
        .map((call) => {
          const [cwd, ...words] = call.trimEnd().split("\n");
          return { cwd, words };
        }),
    /** All that a bisection must leave as it is. */
    state() {
      const { git } = repository;
      const own = join(repository.folder, ".git");
      return {
        head: readFileSync(join(own, "HEAD"), "utf8"),
        index: existsSync(join(own, "index")) ? readFileSync(join(own, "index")) : null,
        status: git("status", "--porcelain", "--ignored"),
        worktrees: git("worktree", "list", "--porcelain"),
        refs: git("for-each-ref"),
        bisection: readdirSync(own).filter((name) => name.startsWith("BISECT")),
        temporary: readdirSync(join(folder, "temp")),
      };
    },
  };
}
