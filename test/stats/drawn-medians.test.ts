import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnMedians } from "../../src/stats/drawn-medians.ts";
import { median } from "../../src/stats/median.ts";

test("each median is that of the list in which every round stands as often as it was drawn", () => {
  const value = fc.option(fc.integer({ min: 1, max: 9 }), { freq: 3 });
  const round = fc.tuple(value, value, fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(round, { maxLength: 10 }), (list) => {
      const rounds = list.map(([first, second]) => [first, second]);
      const into = new Float64Array(2);
      drawnMedians(
        "test",
        rounds,
        2,
      )(
        list.map(([, , drawn]) => drawn),
        into,
      );
      for (const cell of [0, 1]) {
        const drawn = list.flatMap((one) => {
          const time = one[cell];
          return time === null ? [] : Array<number>(one[2]).fill(time);
        });
        expect(into[cell]).toBe(drawn.length === 0 ? Number.NaN : Math.log(median(drawn)));
      }
    }),
  );
});

test("what is not positive and finite is refused", () => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => drawnMedians("here", [[1], [bad]], 1)).toThrow(
      `here must be positive and finite, got ${bad}`,
    );
  }
});
