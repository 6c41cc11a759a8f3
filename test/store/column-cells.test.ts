import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ColumnCells } from "../../src/store/read/column-cells.ts";

const integers = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt(-(2n ** 53n - 1n), 2n ** 53n - 1n),
  fc.constant(null),
);
const doubles = fc.oneof(fc.double(), fc.constant(null));
const others = fc.oneof(fc.string(), fc.bigInt(2n ** 60n, 2n ** 63n), fc.boolean());

/** What a column gives for a value: a whole number as one, whatever it was held as. */
const asTold = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);

test("a column of numbers gives what it was given, in however many pieces, whatever row it begins at", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("integer" as const, "double" as const),
      fc.array(fc.array(fc.oneof(integers, doubles), { minLength: 1, maxLength: 5 }), { maxLength: 4 }),
      fc.nat(1000),
      (type, pieces, from) => {
        const cells = new ColumnCells(type);
        let row = from;
        for (const piece of pieces) {
          cells.add(row, piece);
          row += piece.length;
        }
        for (const [index, value] of pieces.flat().entries())
          expect(cells.at(from + index)).toBe(asTold(value));
        expect(cells.at(row)).toBeUndefined();
      },
    ),
  );
});

test("what is no number that a double holds is given as it is, with all beside it", () => {
  fc.assert(
    fc.property(
      fc.array(integers, { maxLength: 3 }),
      others,
      fc.array(integers, { maxLength: 3 }),
      (a, other, b) => {
        const cells = new ColumnCells("integer");
        const all = [...a, other, ...b];
        cells.add(0, all);
        for (const [index, value] of all.entries()) expect(cells.at(index)).toBe(value);
      },
    ),
  );
});

test("typed arrays of whole numbers are read like lists of them", () => {
  const cells = new ColumnCells("integer");
  cells.add(0, BigInt64Array.of(1n, -2n));
  cells.add(2, BigInt64Array.of(2n ** 62n));
  expect([0, 1, 2].map((row) => cells.at(row))).toEqual([1, -2, 2n ** 62n]);
});
