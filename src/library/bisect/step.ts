import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { printable } from "../../core/errors.ts";
import { gitEnvironment, gitIn } from "./git.ts";
import { addStep, placesIn, readJournal, type Step } from "./journal.ts";
import { makeReady } from "./make-ready.ts";
import { runProgram } from "./run-program.ts";

/** What a step's process is told, in a file. */
export const stepTask = z.object({
  /** The bisection's own folder, absolute. */
  folder: z.string(),
  /** Checkouts of the good commit and of the one that is tested. */
  base: z.string(),
  head: z.string(),
  /** The words that start the gate, and where: paths in its options are found from there. */
  gate: z.array(z.string()).min(1),
  cwd: z.string(),
});

export type StepTask = z.infer<typeof stepTask>;

/** What `git bisect run` takes an exit code for. */
export const STEP_EXIT = { good: 0, bad: 1, skip: 125, stop: 130 } as const;

/**
 * Tests the commit that is checked out, unless the journal knows it: makes it ready, has it gated against the good one, and
 * writes down what came of it. Null if it was interrupted, after which the gate's blocks are gone on with.
 */
export async function step(task: StepTask, signal: AbortSignal): Promise<Step | null> {
  const commit = gitIn(task.head)("rev-parse", "HEAD");
  const { question, steps } = readJournal(task.folder);
  const known = steps.find((one) => one.commit === commit);
  if (known !== undefined) return known;
  const places = placesIn(task.folder);
  const log = places.log(commit);
  const end = (outcome: Step["outcome"], code: number | null, said: string): Step => {
    const line = { type: "step", commit, outcome, code, said: printable(said, 2000) } as const;
    addStep(task.folder, line);
    return line;
  };
  const unready = await makeReady({ checkout: task.head, build: question.build, log, signal });
  if (signal.aborted) return null;
  if (unready !== null) return end("unbuilt", unready.code, lastLine(log));

  const side = (checkout: string) => join(checkout, question.subject);
  const sides = [`--base=${side(task.base)}`, `--head=${side(task.head)}`];
  const gated = async (...words: readonly string[]): Promise<number | null> => {
    // What an interrupted gate told.
    rmSync(places.told(commit), { force: true });
    return await runProgram({
      words: [...task.gate, "gate", ...sides, ...words, ...question.rules],
      cwd: task.cwd,
      env: gitEnvironment(),
      out: places.told(commit),
      err: log,
      signal,
    });
  };
  const blocks = places.blocks(commit);
  let code: number | null = 2;
  if (existsSync(blocks)) code = await gated(`--resume=${blocks}`);
  // None of an earlier gate, or such as cannot be gone on with: another machine, or a file that holds no whole line.
  if (code === 2 && !signal.aborted) {
    if (existsSync(blocks)) renameSync(blocks, `${blocks}.old`);
    code = await gated(...question.plan, `--out=${blocks}`);
  }
  if (signal.aborted) return null;
  const outcome = OUTCOMES.get(code) ?? "failed";
  return end(outcome, code, outcome === "failed" ? lastLine(log) : firstLine(places.told(commit)));
}

/** What the gate's exit codes mean. */
const OUTCOMES: ReadonlyMap<number | null, Step["outcome"]> = new Map([
  [0, "fine"],
  [3, "inconclusive"],
  [4, "regressed"],
]);

/** What `git bisect run` is answered. */
export function answerOf({ outcome }: Step): number {
  switch (outcome) {
    case "fine":
      return STEP_EXIT.good;
    case "regressed":
      return STEP_EXIT.bad;
    case "inconclusive":
    case "failed":
    case "unbuilt":
      return STEP_EXIT.skip;
    default:
      return outcome satisfies never;
  }
}

function lastLine(path: string): string {
  return linesOf(path).at(-1) ?? "";
}

function firstLine(path: string): string {
  return linesOf(path)[0] ?? "";
}

function linesOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
