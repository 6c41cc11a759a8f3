import { existsSync, rmSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { lockOrRefuse } from "../../files/lock-file.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { replaceFile, whyNotWritten } from "../../files/replace-file.ts";
import { quotedPath } from "../../text/shell-quoted.ts";
import type { Host } from "../host.ts";
import { programWords } from "../sweep/program.ts";
import { bisectWords, drive, type Heard } from "./drive.ts";
import { gitIn } from "./git.ts";
import { createJournal, placesIn, type Question, readJournal, type Step } from "./journal.ts";
import { makeReady } from "./make-ready.ts";
import {
  type CommitText,
  candidates,
  commitOf,
  commitText,
  refuseNoRange,
  repositoryAt,
} from "./revisions.ts";
import type { StepTask } from "./step.ts";
import { makeWorkFolder, type WorkFolder } from "./work-folder.ts";

/** What is asked, as typed. */
export interface BisectChoices {
  /** A commit that is not slower, and one that is. */
  readonly good: string | undefined;
  readonly bad: string | undefined;
  /** What the gate measures of a commit: a plug-in's module or folder; the working directory if omitted. */
  readonly subject: string | undefined;
  /** Words of the gate: those that make its plan, and those by which it judges. */
  readonly plan: readonly string[];
  readonly rules: readonly string[];
  /** Words that make a checkout ready, between spaces; what its lockfile says if omitted. */
  readonly build: string | undefined;
  /** The folder of a new bisection, or of one to go on with. */
  readonly out: string | undefined;
  readonly resume: string | undefined;
}

/** How a bisection ended. */
export interface Bisected {
  readonly folder: string;
  /**
   * `found`: the one commit. `between`: one of several, the others of which came to no verdict. `not-bad`: the gate does not
   * find the bad commit slower than the good one. `interrupted`: to be gone on with.
   */
  readonly end: "found" | "between" | "not-bad" | "interrupted";
  /** The commits that may be the first bad one, the newest first; none if none is known to be. */
  readonly first: readonly CommitText[];
  readonly steps: readonly Step[];
}

/** What is heard on the way: each commit as it is tested, with its words, and how many are about left. */
export interface BisectHearing {
  tested(step: Step, commit: CommitText): void;
  left(commits: number): void;
}

/**
 * Finds the first commit that the gate finds slower than a good one, by `git bisect run` in a checkout of its own: the user's
 * checkout, index and bisection stay as they are. What was tested is kept, and known when the bisection is gone on with.
 */
export async function bisect(
  choices: BisectChoices,
  hearing: BisectHearing,
  { signal, remark }: Pick<Host, "signal" | "remark">,
  gate: readonly string[] = programWords(),
): Promise<Bisected> {
  const { top, prefix } = repositoryAt(process.cwd());
  const folder = folderOf(choices, top);
  const question =
    choices.resume === undefined ? begun(choices, folder, top, prefix) : goneOnWith(choices, folder, top);
  const { lock: lockPath, journal } = placesIn(folder);
  const lock = lockOrRefuse(lockPath, `bisect: ${printable(folder)}`);
  let work: WorkFolder | null = null;
  try {
    if (!existsSync(journal)) createJournal(folder, question);
    work = makeWorkFolder(top, question.good);
    remark(`what is tested is kept in ${printable(folder)}`);
    return await carriedOut({ folder, question, work, gate, signal, hearing });
  } finally {
    work?.remove();
    lock.release();
  }
}

interface Carrying {
  readonly folder: string;
  readonly question: Question;
  readonly work: WorkFolder;
  readonly gate: readonly string[];
  readonly signal: AbortSignal;
  readonly hearing: BisectHearing;
}

async function carriedOut({ folder, question, work, gate, signal, hearing }: Carrying): Promise<Bisected> {
  const { good, bad } = question;
  const ended = (end: Bisected["end"], first: readonly string[]): Bisected => ({
    folder,
    end,
    first: first.map((one) => commitText(work.head, one)),
    steps: readJournal(folder).steps,
  });
  await makeBaseReady(folder, question, work, signal);
  if (signal.aborted) return ended("interrupted", []);

  const task: StepTask = { folder, base: work.base, head: work.head, gate: [...gate], cwd: process.cwd() };
  const taskPath = join(work.path, "task.json");
  replaceFile(taskPath, JSON.stringify(task));
  const stepWords = [process.execPath, ...process.execArgv, STEP_PROCESS, taskPath];
  const tested: Step[] = [];
  const heard: Heard = {
    step(step) {
      work.refresh();
      tested.push(step);
      hearing.tested(step, commitText(work.head, step.commit));
    },
    left: hearing.left,
  };

  // What is to be found must be there: otherwise every commit but the last would be called good.
  const git = gitIn(work.head);
  git("checkout", "--quiet", "--detach", bad);
  await drive(stepWords, work.head, signal, heard);
  if (signal.aborted) return ended("interrupted", []);
  const [last] = tested;
  if (last === undefined)
    throw new FailureError(`bisect: the step ended and told nothing; see ${printable(folder)}`);
  if (last.outcome === "failed" && last.code === 2) {
    forget(folder, question);
    throw new UsageError(`bisect: the gate refuses it, ${last.said.replace(/^attnbench: /, "")}`);
  }
  if (last.outcome !== "regressed") return ended("not-bad", []);

  git("bisect", "start", bad, good);
  if (candidates(work.head, bad, [good]).length > 1) {
    await drive(bisectWords("run", ...stepWords), work.head, signal, heard);
    if (signal.aborted) return ended("interrupted", []);
  }
  const left = candidates(work.head, "refs/bisect/bad", goodOnes(work.head));
  const known = new Set(tested.map(({ commit }) => commit));
  const untested = left.find((one) => !known.has(one));
  if (left.length > 1 && untested !== undefined) {
    throw new FailureError(
      `bisect: git ended before ${untested} was tested; go on with --resume ${quotedPath(folder)}`,
    );
  }
  return ended(left.length === 1 ? "found" : "between", left);
}

/** Leaves nothing of a bisection whose words were wrong, so that the right ones can begin it. */
function forget(folder: string, { good, bad }: Question): void {
  const { journal, told, log } = placesIn(folder);
  for (const path of [journal, told(bad), log(bad), log(good)]) rmSync(path, { force: true });
}

const STEP_PROCESS = fileURLToPath(new URL(`./step-process${import.meta.url.slice(-3)}`, import.meta.url));

/** Commits that this bisection found good. */
function goodOnes(checkout: string): readonly string[] {
  return gitIn(checkout)("for-each-ref", "--format=%(objectname)", "refs/bisect/good-*")
    .split("\n")
    .filter(Boolean);
}

async function makeBaseReady(
  folder: string,
  { good, build }: Question,
  { base }: WorkFolder,
  signal: AbortSignal,
) {
  const log = placesIn(folder).log(good);
  const failed = await makeReady({ checkout: base, build, log, signal });
  if (failed === null || signal.aborted) return;
  throw new FailureError(
    `bisect: the good commit cannot be made ready, exit code ${failed.code ?? "unknown"}; see ${printable(log)}, and give --build if other words do`,
  );
}

/** Where it is kept, absolute. */
function folderOf({ good, bad, out, resume }: BisectChoices, top: string): string {
  if (resume !== undefined) return resolve(resume);
  if (out !== undefined) return resolve(out);
  const [from, to] = [
    commitOf(top, "--good", required("good", good)),
    commitOf(top, "--bad", required("bad", bad)),
  ];
  return resolve("results", `bisect-${from.slice(0, 8)}-${to.slice(0, 8)}`);
}

function required(name: string, revision: string | undefined): string {
  if (revision !== undefined) return revision;
  throw new UsageError(
    `bisect: --${name} must name a commit, such as ${name === "good" ? "v1.0 or HEAD~40" : "HEAD"}`,
  );
}

function begun(choices: BisectChoices, folder: string, top: string, prefix: string): Question {
  const good = commitOf(top, "--good", required("good", choices.good));
  const bad = commitOf(top, "--bad", required("bad", choices.bad));
  refuseNoRange(top, good, bad);
  if (existsSync(placesIn(folder).journal)) {
    throw new UsageError(
      `bisect: ${printable(folder)} already holds a bisection; continue it with --resume, or name another with --out`,
    );
  }
  try {
    makeFolder(folder);
  } catch (thrown) {
    throw new FailureError(`bisect: ${printable(folder)} cannot be made, ${whyNotWritten(thrown)}`);
  }
  return {
    type: "bisect",
    schema: 1,
    good,
    bad,
    subject: subjectOf(choices.subject, top, prefix),
    plan: [...choices.plan],
    rules: [...choices.rules],
    build: choices.build === undefined ? null : choices.build.split(" ").filter(Boolean),
  };
}

/** What the gate measures, by its path in the repository. */
function subjectOf(typed: string | undefined, top: string, prefix: string): string {
  if (typed === undefined) return prefix.replace(/\/$/, "");
  // The top may be named by a link; what git tells is not.
  const path = relative(resolve(top), resolve(top, prefix, typed));
  if (path.split("/")[0] !== "..") return path;
  throw new UsageError(
    `--subject: must lie in the repository, ${printable(basename(top))}, got '${printable(typed, 80)}'`,
  );
}

/** The question of an earlier bisection, of which nothing can be changed. */
function goneOnWith(choices: BisectChoices, folder: string, top: string): Question {
  const { good, bad, subject, plan, rules, build, out } = choices;
  const given =
    [good, bad, subject, build, out].some((one) => one !== undefined) || plan.length + rules.length > 0;
  if (given) {
    throw new UsageError(
      "--resume: goes on as the bisection was begun, and takes no other options; omit them",
    );
  }
  if (!existsSync(placesIn(folder).journal)) {
    throw new UsageError(`--resume: must be the folder of a bisection, got '${printable(folder, 200)}'`);
  }
  const { question } = readJournal(folder);
  for (const one of [question.good, question.bad]) commitOf(top, "--resume", one);
  return question;
}
