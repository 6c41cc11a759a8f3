import type { Ended } from "../../processes/run-process.ts";
import { trainedKey } from "../../record/learned.ts";
import type { StudyLine, TrainedLine } from "../../record/schema/learning-lines.ts";
import { nextRuns, type RunName, runsLeft } from "../../training/study/next-runs.ts";
import { failedRun } from "../../training/study/run-result.ts";
import { StudyClock } from "../../training/study/time-left.ts";
import type { Host } from "../host.ts";
import type { TrainMessage } from "./train-task.ts";

/** Trains one run somewhere and says how it goes; the last message is `done`, or how it ended otherwise. */
export type Trainer = (run: RunName) => AsyncIterable<TrainMessage | Ended>;

/** A process that ends by itself, such as for want of memory, is started again once. */
const TRIES = 2;

/**
 * Carries out what is left of a study, so many runs at a time, and yields each as it ends. An interrupt ends it: runs that were
 * under way are not yielded, and begin anew when it is resumed.
 */
export async function* carryOut(
  study: StudyLine,
  already: readonly TrainedLine[],
  { trainer, workers }: { readonly trainer: Trainer; readonly workers: number },
  host: Pick<Host, "signal" | "observe" | "now">,
): AsyncGenerator<TrainedLine, void, void> {
  const runs = [...already];
  const underWay = new Map<string, Promise<{ readonly key: string; readonly line: TrainedLine | null }>>();
  const clock = new StudyClock(study, already, workers);
  const tell = (name: RunName): void => {
    const done = runs.length;
    const total = done + runsLeft(study, runs);
    const { seconds: secondsLeft, seen } = clock.left(runs, host.now());
    const estimate = seen ? "pace" : "elsewhere";
    host.observe({ phase: "learn", case: runText(name), done, total, secondsLeft, estimate });
  };
  const start = (name: RunName): void => {
    const key = trainedKey(name);
    const heard = async () => {
      const line = await oneRun(name, study, trainer, host.signal, {
        begun: () => clock.begin(key, name, host.now()),
        went(share) {
          clock.look(key, share, host.now());
          tell(name);
        },
      });
      clock.end(key, line?.outcome === "trained", host.now());
      return { key, line };
    };
    underWay.set(key, heard());
    tell(name);
  };
  for (;;) {
    for (const name of ready(study, runs)) {
      if (underWay.size >= workers || host.signal.aborted) break;
      if (!underWay.has(trainedKey(name))) start(name);
    }
    if (underWay.size === 0) return;
    const { key, line } = await Promise.race(underWay.values());
    underWay.delete(key);
    if (line === null) continue;
    runs.push(line);
    yield line;
    tell(line);
  }
}

/** What can begin, of every cell. */
function ready(study: StudyLine, runs: readonly TrainedLine[]): readonly RunName[] {
  return study.cells.flatMap((cell) => nextRuns(study, cell, runs));
}

/** A run to its end; null if it was interrupted. */
async function oneRun(
  name: RunName,
  study: StudyLine,
  trainer: Trainer,
  signal: AbortSignal,
  hearing: { begun(): void; went(share: number): void },
): Promise<TrainedLine | null> {
  const cell = study.cells.find((one) => one.cell === name.cell);
  const steps = study.tasks.find(({ task }) => task === cell?.task)?.steps ?? 1;
  let reason = "";
  for (let attempt = 1; attempt <= TRIES && !signal.aborted; attempt++) {
    hearing.begun();
    for await (const message of trainer(name)) {
      if (message.kind === "looked") hearing.went(message.look.step / steps);
      else if (message.kind === "done") return { type: "trained", ...name, ...message.result };
      else reason = message.reason;
    }
  }
  if (signal.aborted) return null;
  return { type: "trained", ...name, ...failedRun(reason) };
}

/** A run in words, such as `delta/mqar at .01, seed 2`. */
function runText({ cell, rate, seed, role }: RunName): string {
  return `${cell} at ${rate}, ${role === "test" ? "seed" : "choosing by seed"} ${seed}`;
}
