import fc from "fast-check";
import { expect, test } from "vitest";
import { unpacked } from "../../../src/report/browser/live-chart.ts";
import { withPackedRows } from "../../../src/report/packed-rows.ts";

test("packed rows come back as they were, fractions to six digits and what was not there as null", () => {
  const fields = ["series", "variant", "length", "low", "__proto"];
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const row = fc.dictionary(fc.constantFrom(...fields), value, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const spec = {
        marks: [],
        data: [
          { name: "a", values: rows },
          { name: "b", source: "a" },
        ],
      };
      const [a, b] = (unpacked(JSON.parse(JSON.stringify(withPackedRows(spec)))) as typeof spec).data;
      expect(b).toEqual({ name: "b", source: "a" });
      for (const [place, one] of rows.entries()) {
        for (const [field, was] of Object.entries(a.values?.[place] ?? {})) {
          const is = one[field] ?? null;
          if (typeof is !== "number" || Number.isInteger(is)) expect(was).toEqual(is);
          else expect(Math.abs(Number(was) - is)).toBeLessThanOrEqual(1e-5 * Math.abs(is));
        }
      }
      expect(a.values).toHaveLength(rows.length);
    }),
  );
});

test("data that is not rows stays as it is", () => {
  const spec = {
    data: [
      { name: "a", values: [1, 2] },
      { name: "b", values: "text" },
    ],
  };
  expect(unpacked(withPackedRows(spec))).toEqual(spec);
});
