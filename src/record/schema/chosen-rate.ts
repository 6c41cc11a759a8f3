import type { TrainedLine } from "./learning-lines.ts";

/** A learning rate that was tried for a cell. */
export interface TriedRate {
  readonly rate: number;
  /**
   * The mean of the final validation accuracies of its choosing runs, a diverged one counting as none right; null if none of
   * them was trained.
   */
  readonly accuracy: number | null;
  /** Choosing runs that diverged. */
  readonly diverged: number;
}

/** The rate by which a cell is tested, and whether a smaller or a larger one might have been better. */
export interface ChosenRate {
  readonly rate: number;
  /** At which end of the rates that were tried it is, if it is at one: nothing beyond it was tried. */
  readonly edge: "smallest" | "largest" | null;
}

/** The rates that the choosing runs of one cell tried, rising. Runs that failed say nothing of a rate. */
export function triedRates(runs: readonly TrainedLine[]): readonly TriedRate[] {
  const choosing = runs.filter(({ role, outcome }) => role === "choosing" && outcome !== "failed");
  return [...Map.groupBy(choosing, ({ rate }) => rate)]
    .map(([rate, own]) => {
      const trained = own.flatMap(({ outcome, accuracy }) =>
        outcome === "trained" && accuracy !== null ? [accuracy] : [],
      );
      const sum = trained.reduce((total, accuracy) => total + accuracy, 0);
      return {
        rate,
        accuracy: trained.length === 0 ? null : sum / own.length,
        diverged: own.filter(({ outcome }) => outcome === "diverged").length,
      };
    })
    .sort((a, b) => a.rate - b.rate);
}

/**
 * The rule of the protocol: the rate with the best accuracy, of equals the smallest; null if none was trained. One rate alone
 * is at no end: there was no choice.
 */
export function chosenRate(tried: readonly TriedRate[]): ChosenRate | null {
  const known = tried.flatMap(({ rate, accuracy }, at) =>
    accuracy === null ? [] : [{ rate, accuracy, at }],
  );
  if (known.length === 0) return null;
  const { rate, at } = known.reduce((best, one) => (one.accuracy > best.accuracy ? one : best));
  if (tried.length < 2) return { rate, edge: null };
  return { rate, edge: at === 0 ? "smallest" : at === tried.length - 1 ? "largest" : null };
}
