import fc from "fast-check";
import { expect, test } from "vitest";
import { chartPacker, unpackedChart } from "../../src/report/packing/charts.ts";
import {
  packedColumn,
  packedRows,
  type Row,
  unpackedColumn,
  unpackedRows,
} from "../../src/report/packing/columns.ts";

/** As the page reads it. */
function read<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

const value = fc.oneof(
  fc.constantFrom("full", "local", "", "__proto__", 0, 1, 2, 3, null, true),
  fc.string(),
  fc.integer(),
);
const rising = fc
  .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 9 }))
  .map(([first, count]) => Array.from({ length: count }, (_, step) => first + step));
const repeated = fc
  .tuple(value, fc.integer({ min: 1, max: 9 }))
  .map(([one, count]) => Array.from({ length: count }, () => one));
const column = fc.oneof(
  fc.array(value),
  fc.array(rising).map((parts) => parts.flat()),
  fc.array(repeated).map((parts) => parts.flat()),
);

test("a column comes back as it was, however it is packed, and takes no more bytes than one value after another", () => {
  fc.assert(
    fc.property(column, (values) => {
      const packed = read(packedColumn(values));
      expect(unpackedColumn(packed, values.length)).toEqual(values);
      expect(JSON.stringify(packed).length).toBeLessThanOrEqual(
        Math.max(JSON.stringify(values).length, JSON.stringify({ all: values[0] }).length),
      );
    }),
  );
});

test("each way of packing is taken where it is the shortest", () => {
  const names = ["longformer", "bigbird", "linear"];
  const wayOf = (values: readonly unknown[]) => Object.keys(packedColumn(values)).join();
  expect(wayOf(Array.from({ length: 30 }, () => "local"))).toBe("all");
  expect(wayOf(Array.from({ length: 30 }, (_, at) => names[Math.floor(at / 10)]))).toBe("of,runs");
  expect(wayOf(Array.from({ length: 30 }, (_, at) => names[at % 3]))).toBe("of,which");
  expect(wayOf(Array.from({ length: 30 }, (_, at) => 100 + at))).toBe("rising");
  expect(packedColumn([1, 5, 2])).toEqual([1, 5, 2]);
});

const fields = ["series", "variant", "length", "low", "__proto"];
const row = fc.dictionary(
  fc.constantFrom(...fields),
  fc.oneof(value, fc.double({ noNaN: true, noDefaultInfinity: true })),
  {
    noNullPrototype: true,
  },
);

/** Fractions to six digits, and what was not there as null. */
function expectAlike(was: Row | undefined, is: Row): void {
  for (const field of Object.keys(was ?? {})) {
    const [before, after] = [Object.hasOwn(is, field) ? is[field] : null, was?.[field]];
    if (typeof before !== "number" || Number.isInteger(before)) expect(after).toEqual(read(before));
    else expect(Math.abs(Number(after) - before)).toBeLessThanOrEqual(1e-5 * Math.abs(before));
  }
}

test("packed rows come back as they were, fractions to six digits and what was not there as null", () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const unpacked = unpackedRows(read(packedRows(rows)));
      expect(unpacked).toHaveLength(rows.length);
      for (const [place, one] of rows.entries()) {
        expect(Object.keys(unpacked[place])).toEqual(expect.arrayContaining(Object.keys(one)));
        expectAlike(unpacked[place], one);
      }
    }),
  );
});

test("charts come back with their own rows, though what they say of a case is held once", () => {
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (some, others) => {
      const packer = chartPacker(["series", "length"]);
      const specs = [some, others].map((values) => ({ data: [{ name: "a", values }, { name: "b" }] }));
      const packed = read(specs.map((spec) => packer.packed(spec)));
      const cases = unpackedRows(read(packer.cases()));
      for (const [place, spec] of specs.entries()) {
        const [a, b] = unpackedChart(packed[place], cases).data ?? [];
        const values = a.values as readonly Row[];
        expect(b).toEqual({ name: "b" });
        expect(values).toHaveLength(spec.data[0].values?.length ?? 0);
        for (const [at, one] of (spec.data[0].values ?? []).entries()) {
          expect(Object.keys(values[at])).toEqual(expect.arrayContaining(Object.keys(one)));
          expectAlike(values[at], one);
        }
      }
    }),
  );
});

test("a case is held once, whichever charts have it, and rows share no object, which Vega writes to", () => {
  const rows = [256, 512].map((length) => ({ series: "local", length, text: `at ${length}` }));
  const packer = chartPacker(["series", "length", "text"]);
  const specs = [[1, 2], [4]].map((values) => ({
    data: [{ values: values.map((one, at) => ({ ...rows[at], one })) }],
  }));
  const packed = specs.map((spec) => packer.packed(spec));
  expect(packer.cases().count).toBe(2);
  expect(JSON.stringify(packed)).not.toContain("local");
  const cases = unpackedRows(packer.cases());
  const unpacked = packed.map((chart) => unpackedChart(chart, cases));
  expect(unpacked).toEqual(specs);
  const all = [...unpacked.flatMap((chart) => chart.data?.[0].values), ...cases];
  expect(new Set(all).size).toBe(all.length);
});

test("data that is not rows stays as it is", () => {
  const spec = {
    data: [
      { name: "a", values: [1, 2] },
      { name: "b", values: "text" },
    ],
  };
  expect(unpackedChart(read(chartPacker(["series"]).packed(spec)), [])).toEqual(spec);
  expect(chartPacker(["series"]).packed({})).toEqual({});
});
