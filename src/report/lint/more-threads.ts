import { deviceOfCase } from "../../record/schema/best-ceiling.ts";
import { median } from "../../stats/median.ts";
import { shortName } from "../../text/labels.ts";
import { type Check, ofEachCase } from "./check.ts";

/** With fewer rounds there is no meaningful majority: then all of them must show it. */
const LEAST_ROUNDS = 5;

/**
 * Cases whose calls kept more threads busy than declared, in most rounds: V8's own threads do so now and
 * then.
 */
export const moreThreads: Check = {
  id: "more-threads",
  find: ofEachCase((row, rounds, { run }) => {
    // A known device's threads are its driver's, which it says.
    if (deviceOfCase(row, run.environment) !== null) return null;
    const { kernel, threads } = row;
    const seen = rounds.flatMap(({ threads_seen }) => (threads_seen === undefined ? [] : [threads_seen]));
    // One round in which V8's own threads were busy says nothing about the kernel's.
    if (seen.length < 2) return null;
    const usual = seen.length < LEAST_ROUNDS ? Math.min(...seen) : Math.floor(median(seen));
    if (!(usual > threads)) return null;
    return `kernel ${shortName(kernel)} kept ${usual} threads busy where ${threads} ${threads === 1 ? "was" : "were"} asked for: its time is not that of ${threads === 1 ? "one thread" : `${threads} threads`}; give it fewer, or say so with --threads`;
  }),
};
