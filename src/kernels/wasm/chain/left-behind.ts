import type { ScratchPlan } from "../call.ts";

/** A place of the plan, and its words. */
export interface LeftPlace {
  readonly place: number;
  readonly words: number;
}

/** What the steps of a chain leave for the way back, besides the matrices that they make. */
export class LeftBehind {
  readonly #sums = new Map<string, LeftPlace>();
  readonly #members = new Map<string, LeftPlace>();

  /** Where the attention that makes a matrix leaves the maximum and the factor of each row. */
  sumsOf(made: string, rows: number, plan: ScratchPlan): number {
    const words = 2 * rows;
    const place = plan.words(words);
    this.#sums.set(made, { place, words });
    return place;
  }

  /** Clusters leave which of them each row is in. */
  leaveMembers(name: string, place: number, rows: number): void {
    this.#members.set(name, { place, words: rows });
  }

  sums(made: string): LeftPlace {
    return found(this.#sums, made);
  }

  members(name: string): LeftPlace {
    return found(this.#members, name);
  }
}

function found(left: ReadonlyMap<string, LeftPlace>, name: string): LeftPlace {
  const one = left.get(name);
  if (one === undefined) throw new TypeError(`chain: nothing was left of ${name}`);
  return one;
}
