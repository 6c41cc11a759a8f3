import { type BoundPattern, type Gathered, type Intervals, rowsOf } from "../core/pattern.ts";
import { intersect, unite } from "../pattern/intervals.ts";

/** What is done in classes: for each row, the keys of those that it belongs to. */
export class ClassKeys {
  /** For each row the number of its keys, of each order. */
  readonly #orders: ReadonlyArray<{ readonly classOf: Int32Array; readonly keys: readonly Intervals[] }>;

  constructor(pattern: BoundPattern, orders: Gathered["orders"]) {
    this.#orders = orders.map(({ classes }) => {
      const classOf = new Int32Array(rowsOf(pattern));
      const keys: Intervals[] = [];
      for (const one of classes()) {
        for (let at = 0; at < one.queries.length; at++) classOf[one.queries[at]] = keys.length;
        keys.push(rangesOf(one.keys));
      }
      return { classOf, keys };
    });
  }

  /** Keys that the classes of every row of `from … to-1` have. */
  ofEvery(from: number, to: number): Intervals {
    let every: Intervals = [];
    for (const { classOf, keys } of this.#orders) {
      let common = keys[classOf[from]];
      for (let row = from + 1; row < to && common.length > 0; row++) {
        if (classOf[row] !== classOf[row - 1]) common = intersect(common, keys[classOf[row]]);
      }
      every = unite(every, common);
    }
    return every;
  }

  /** Keys that the class of some row of `from … to-1` has. */
  ofSome(from: number, to: number): Intervals {
    let some: Intervals = [];
    for (const { classOf, keys } of this.#orders) {
      for (let row = from; row < to; row++) {
        if (row === from || classOf[row] !== classOf[row - 1]) some = unite(some, keys[classOf[row]]);
      }
    }
    return some;
  }
}

/** Rising numbers as ranges. */
function rangesOf(numbers: ArrayLike<number>): Intervals {
  const ranges: number[] = [];
  for (let at = 0; at < numbers.length; at++) {
    if (ranges.at(-1) === numbers[at]) ranges[ranges.length - 1]++;
    else ranges.push(numbers[at], numbers[at] + 1);
  }
  return ranges;
}
