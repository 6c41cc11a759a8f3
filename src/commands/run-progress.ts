import { SingleBar } from "cli-progress";
import type { Progress } from "../library/host.ts";
import { formatSeconds } from "../text/format.ts";
import { roughTime } from "../text/rough-time.ts";
import { type Io, note } from "./io.ts";

/** What a phase does. */
const verbs = new Map([
  ["check", "checking"],
  ["measure", "measuring"],
  ["ask", "asking"],
  ["learn", "training"],
  ["compare", "comparing"],
  ["collect", "collecting"],
  ["plan", "planning"],
  ["sweep", "sweeping"],
  ["collect", "collecting"],
]);

/** Shows a run's progress: a bar on a terminal that can redraw a line, otherwise an occasional line. */
export interface ProgressDisplay {
  update(progress: Progress): void;
  stop(): void;
}

/** Seconds between lines if there is no terminal. */
const LINE_EVERY_S = 5;

/** The same on a terminal alone, for work that says by itself what it has done. */
export function redrawnDisplay(io: Io): ProgressDisplay {
  return io.redraws === true ? bar(io) : { update() {}, stop() {} };
}

export function progressDisplay(io: Io): ProgressDisplay {
  return io.redraws === true ? bar(io) : lines(io);
}

function bar(io: Io): ProgressDisplay {
  const single = new SingleBar({
    format: "{phase} {bar} {percentage}% | {left} | {case}",
    stream: io.err,
    barsize: 24,
    clearOnComplete: true,
    // Anything that changes the terminal beyond a line would persist after a kill.
    hideCursor: false,
    linewrap: true,
    gracefulExit: false,
    // The run computes without a pause, so no timer would ever redraw.
    synchronousUpdate: true,
  });
  let phase: string | null = null;
  return {
    update(progress) {
      const shown = {
        phase: verbOf(progress).padEnd(9),
        left: timeLeft(progress),
        case: progress.case,
      };
      if (phase !== progress.phase) {
        if (phase !== null) single.stop();
        single.start(progress.total, progress.done, shown);
        phase = progress.phase;
      } else single.update(progress.done, shown);
    },
    stop() {
      if (phase !== null) single.stop();
      phase = null;
    },
  };
}

function lines(io: Io): ProgressDisplay {
  let last = Number.NEGATIVE_INFINITY;
  let phase: string | null = null;
  return {
    update(progress) {
      if (phase === progress.phase && io.now() - last < LINE_EVERY_S) return;
      phase = progress.phase;
      last = io.now();
      note(io, `${verbOf(progress)} ${progress.done}/${progress.total}, ${timeLeft(progress)}`);
    },
    stop() {},
  };
}

function verbOf({ phase }: Progress): string {
  return verbs.get(phase) ?? phase;
}

function timeLeft({ secondsLeft, estimate }: Progress): string {
  if (secondsLeft === null) return "time left unknown";
  if (estimate !== undefined) return estimateText(secondsLeft, estimate);
  return `at most ${formatSeconds(Math.max(1, Math.round(secondsLeft)), 2)} left`;
}

/** How long something will take, as an estimate that says what it goes by. */
export function estimateText(seconds: number, estimate: NonNullable<Progress["estimate"]>): string {
  return `about ${roughTime(seconds)} left${estimate === "elsewhere" ? ", going by another machine" : ""}`;
}
