import { formatSeconds } from "../core/format.ts";
import type { PlannedCase } from "../core/result-lines.ts";
import type { OpenRun } from "./open-run.ts";
import type { GreenCase, RedCase } from "./prepare-case.ts";

/** What must be known of a case before its numbers are believed, when it has just been through the gate. */
export function remarksOf(
  { idle }: OpenRun,
  planned: PlannedCase,
  result: GreenCase | RedCase,
): readonly string[] {
  if (result.outcome !== "green") return [];
  const who = `kernel ${planned.kernel}`;
  const busy = idle?.look(who) ?? null;
  const others = [prepareRemark(who, result, planned.threads), fewerRemark(who, result.runnable)];
  return [busy, ...others].filter((one) => one !== null);
}

/** Said of every case: what the plug-ins keep busy since they were loaded. */
export function loadRemarks({ idle, plan }: OpenRun): readonly string[] {
  const [only, ...more] = plan.plugins;
  const who = more.length === 0 ? `plug-in ${only}` : `one of the plug-ins ${plan.plugins.join(", ")}`;
  const busy = idle?.look(who) ?? null;
  return busy === null ? [] : [busy];
}

/** A first time this much longer than the others, and by so many seconds, kept something that they found. */
const FIRST = { times: 10, seconds: 0.05, secondsAThread: 0.15 } as const;

/** Cold code takes up to 20 ms more, and threads that must first be started each up to 150 ms on a busy machine. */
export function prepareRemark(
  who: string,
  { prepareSeconds, firstPrepareSeconds }: Pick<GreenCase, "prepareSeconds" | "firstPrepareSeconds">,
  threads: number,
): string | null {
  const allowed = FIRST.seconds + FIRST.secondsAThread * (threads - 1);
  const more = firstPrepareSeconds - prepareSeconds;
  if (!(more > allowed && firstPrepareSeconds > FIRST.times * prepareSeconds)) return null;
  return `${who} keeps what it prepared: the first time took ${formatSeconds(firstPrepareSeconds, 2)}, the median is ${formatSeconds(prepareSeconds, 2)}; count the first where nothing is prepared twice`;
}

export function fewerRemark(who: string, { whyFewer }: GreenCase["runnable"]): string | null {
  return whyFewer === undefined ? null : `${who} counts less work than the mathematics takes: ${whyFewer}`;
}
