import { SingleBar } from "cli-progress";
import { formatSeconds } from "../core/format.ts";
import type { Progress } from "../measure/run-context.ts";
import { type Io, note } from "./io.ts";

/** Shows how far a run is: a bar on a terminal, a line now and then elsewhere. */
export interface ProgressDisplay {
  update(progress: Progress): void;
  stop(): void;
}

/** Seconds between lines where there is no terminal. */
const LINE_EVERY_S = 5;

export function progressDisplay(io: Io): ProgressDisplay {
  return io.err.isTTY === true ? bar(io) : lines(io);
}

function bar(io: Io): ProgressDisplay {
  const phases = { check: "checking ", measure: "measuring" } as const;
  const single = new SingleBar({
    format: "{phase} {bar} {percentage}% | at most {left} left | {case}",
    stream: io.err,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    // The run computes without a pause, so no timer would ever redraw.
    synchronousUpdate: true,
    linewrap: false,
  });
  let phase: Progress["phase"] | null = null;
  return {
    update(progress) {
      const shown = {
        phase: phases[progress.phase],
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
    },
  };
}

function lines(io: Io): ProgressDisplay {
  let last = Number.NEGATIVE_INFINITY;
  let phase: Progress["phase"] | null = null;
  return {
    update(progress) {
      if (phase === progress.phase && io.now() - last < LINE_EVERY_S) return;
      phase = progress.phase;
      last = io.now();
      const verb = progress.phase === "check" ? "checking" : "measuring";
      note(io, `${verb} ${progress.done}/${progress.total}, at most ${timeLeft(progress)} left`);
    },
    stop() {},
  };
}

function timeLeft({ secondsLeft }: Progress): string {
  return formatSeconds(Math.max(1, Math.round(secondsLeft)), 2);
}
