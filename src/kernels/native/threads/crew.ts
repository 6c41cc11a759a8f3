import { Team } from "../../threads/team.ts";
import type { Program } from "../call/program.ts";
import { CONTROL_WORDS, CREW, type CrewMessage, lanesOf } from "./control.ts";

/** Threads that run the same entry at once, each with a block of its own, the lane. */
export interface Crew {
  /**
   * Runs it, and returns once every thread that runs it has returned. `lanes` are the addresses of the lanes, of this
   * thread first. A thread that wakes after this one has returned from the entry, when no item is left, is not waited
   * for, and leaves its lane as it is.
   */
  run(lanes: readonly bigint[]): void;
  close(): void;
}

const team = new Team<CrewMessage>({
  family: "native",
  // Compiled, this file and the worker end in .js.
  worker: new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url),
  words: CONTROL_WORDS,
});

/**
 * A crew for an entry of a program, of `threads` threads with this one. Throws a TypeError if the program cannot be
 * loaded, a RangeError for more than 256 threads, an Error if they do not start.
 */
export function openCrew(program: Program, entry: string, threads: number): Crew {
  const run = program.entry(entry);
  if (threads === 1) {
    return {
      run(lanes) {
        checkLanes(lanes, 1);
        run(lanes[0]);
      },
      close: () => {},
    };
  }
  team.start(threads - 1);
  const place = program.place();
  if (typeof place === "string") throw new TypeError(`native: ${place}`);
  const id = team.teach((number) => ({ id: number, place, entry }));
  return {
    run(lanes) {
      if (!team.knows(id)) throw new TypeError("lanes must be given to a crew that is open");
      checkLanes(lanes, threads);
      team.run({
        workers: lanes.length - 1,
        tell(control) {
          control[CREW] = id;
          lanesOf(control).set(lanes.slice(1));
        },
        share: () => run(lanes[0]),
      });
    },
    close: () => team.unteach(id, { id, place: null }),
  };
}

/** Machine code believes that a lane is one. */
function checkLanes(lanes: readonly bigint[], most: number): void {
  if (!(lanes.length >= 1 && lanes.length <= most)) {
    throw new RangeError(`lanes must be 1 to ${most}, got ${lanes.length}`);
  }
  if (!lanes.every((lane) => typeof lane === "bigint" && lane > 0n)) {
    throw new TypeError("a lane must be an address");
  }
}

/** Ends the workers of all crews; those of a later crew start anew. */
export function endThreads(): void {
  team.end();
}
