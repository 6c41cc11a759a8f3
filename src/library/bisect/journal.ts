import { join } from "node:path";
import * as z from "zod";
import { continueLines, createLines } from "../../record/append.ts";
import type { LineKind } from "../../record/line-kind.ts";
import { readLineFile } from "../../record/read-line-file.ts";

const hash = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const words = z.array(z.string().max(10_000)).max(1000);

/** What is asked: between which commits, of what in them, and how the gate is called. */
const questionLine = z.object({
  type: z.literal("bisect"),
  schema: z.literal(1),
  good: hash,
  bad: hash,
  /** What the gate measures of a commit, by its path in the repository; empty for all of it. */
  subject: z.string().max(4000),
  /** Words of the gate that make its plan, and those by which it judges. */
  plan: words,
  rules: words,
  /** What makes a checkout ready; null for what its lockfile says. */
  build: words.nullable(),
});

/** What became of one commit. `unbuilt`: it could not be made ready; `failed`: the gate came to no end. */
const stepLine = z.object({
  type: z.literal("step"),
  commit: hash,
  outcome: z.enum(["fine", "regressed", "inconclusive", "failed", "unbuilt"]),
  /** Of the gate, or of what makes ready; null if it was killed. */
  code: z.number().int().nullable(),
  /** The line that says it. */
  said: z.string().max(10_000),
});

export type Question = z.infer<typeof questionLine>;
export type Step = z.infer<typeof stepLine>;

/** What a bisection leaves: its question, and then a line for each commit that was tested. */
const BISECTION: LineKind<Question | Step> = {
  name: "bisect",
  schema: z.discriminatedUnion("type", [questionLine, stepLine]),
  version: 1,
  head: "bisect",
  advice: "give the folder of a bisection that attnbench bisect made",
  label: (line) => (line.type === "step" ? line.commit : "the question"),
  secondHead: () => "a bisection must hold one question, got a second; remove it",
};

/** The files of a bisection, in its folder. */
export function placesIn(folder: string) {
  const of = (commit: string, ending: string) => join(folder, `${commit}${ending}`);
  return {
    journal: join(folder, "bisect.jsonl"),
    lock: join(folder, "lock"),
    /** The gate's blocks of a commit, what it told, and what it said on its way. */
    blocks: (commit: string) => of(commit, ".jsonl"),
    told: (commit: string) => of(commit, ".txt"),
    log: (commit: string) => of(commit, ".log"),
  } as const;
}

export function createJournal(folder: string, question: Question): void {
  createLines(BISECTION, placesIn(folder).journal, question).close();
}

export function readJournal(folder: string): {
  readonly question: Question;
  readonly steps: readonly Step[];
} {
  const { head, lines } = readLineFile(BISECTION, "bisect", placesIn(folder).journal);
  return { question: head, steps: lines.map(({ line }) => line) };
}

export function addStep(folder: string, step: Step): void {
  const { journal } = placesIn(folder);
  const { validBytes } = readLineFile(BISECTION, "bisect", journal);
  const file = continueLines(BISECTION, journal, validBytes);
  try {
    file.append(step);
  } finally {
    file.close();
  }
}
