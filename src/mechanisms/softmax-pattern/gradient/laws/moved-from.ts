import { float64, type Oracle } from "../../../oracle.ts";

/**
 * An oracle of what a law says, in the place of what another computes, with the slack of the rows that it stands for and what
 * their float32 pass errs.
 */
export function movedFrom(exact: Oracle, said: (values: Float64Array) => Float64Array): Oracle {
  return {
    rows(places, round) {
      const computed = exact.rows(places, round);
      const precise = round === float64 ? computed : exact.rows(places, float64);
      return computed.map((row, index) => {
        const expected = said(precise[index].values);
        return {
          values: row.values.map((value, i) => expected[i] + (value - precise[index].values[i])),
          get magnitudes() {
            return row.magnitudes;
          },
          slack: () => row.slack(),
        };
      });
    },
  };
}
