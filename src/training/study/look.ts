import type { TrainedLine } from "../../record/schema/learning-lines.ts";

/** What was seen at a step of training. */
export type Look = TrainedLine["curve"][number];

/** The first look at which at least this share was right; null if there was none. */
export function stepsTo(share: number, curve: readonly Look[]): number | null {
  return curve.find(({ accuracy }) => accuracy >= share)?.step ?? null;
}

/** A rise that is of no interest, however many answers were looked at. */
const LEAST_GAIN = 0.01;

/**
 * Whether accuracy still rose over the last fifth of the steps, although the rate falls to 0 over them: by more than a hundredth,
 * and by more than two standard errors of a difference of two shares of so many answers, which are looked at both times.
 */
export function isStillGaining(curve: readonly Look[], steps: number, answers: number): boolean {
  const last = curve.at(-1);
  const before = curve.findLast(({ step }) => step <= 0.8 * steps);
  if (last === undefined || before === undefined) return false;
  const variance = [last, before].reduce((sum, { accuracy: p }) => sum + (p * (1 - p)) / answers, 0);
  return last.accuracy - before.accuracy > Math.max(LEAST_GAIN, 2 * Math.sqrt(variance));
}
