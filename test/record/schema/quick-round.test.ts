import * as fc from "fast-check";
import { expect, test } from "vitest";
import { quickRound } from "../../../src/record/schema/quick-round.ts";
import { fileLine, type RoundLine } from "../../../src/record/schema/result-lines.ts";
import { sampleRound } from "../sample-lines.ts";

const valid: RoundLine = {
  ...sampleRound("case-0", 0),
  wall_s: 1e-3,
  processor_s: 0,
  threads_seen: 1.5,
  waited_s: 0,
  around_s: 1e-3,
  device_s: 1e-3,
  transfer_s: 1e-3,
  select_s: 1e-3,
  project_s: 1e-3,
  warnings: ["busy"],
};
const FIELDS = Object.keys(valid) as (keyof RoundLine)[];

/** Numbers at the bounds of what is allowed, and far beyond. */
const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0.5,
    1e-30,
    1e-31,
    5e-324,
    1e-12,
    0.99e-12,
    1e9,
    1.01e9,
    2 ** 53 - 1,
    2 ** 53,
  ),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
);
const text = fc.oneof(
  fc.constantFrom("", "round", "case", "1", "x".repeat(20_000), "x".repeat(20_001)),
  fc.string({ unit: "binary" }),
);
/** Anything that `JSON.parse` may give. */
const anything = fc.oneof(
  number,
  text,
  fc.array(number, { maxLength: 4 }),
  fc.array(text, { maxLength: 3 }),
  fc.constantFrom(null, true, {}, [[]], [null], { length: 1, 0: 1 }),
  fc.jsonValue(),
);

/** Changed fields, of which none and several are tried. */
const changes = fc.dictionary(
  fc.oneof(fc.constantFrom(...FIELDS), fc.constantFrom("unheard", "__proto__")),
  anything,
  {
    maxKeys: 3,
  },
);
const omitted = fc.subarray([...FIELDS], { maxLength: 3 });
const orders = fc.shuffledSubarray([...FIELDS], { minLength: FIELDS.length, maxLength: FIELDS.length });

test("a line that is told without the schema is what the schema makes of it, to the order of its fields", () => {
  fc.assert(
    fc.property(
      changes,
      fc.oneof(fc.constant<(keyof RoundLine)[]>([]), omitted),
      orders,
      (changed, without, order) => {
        const kept = order.filter((field) => !without.includes(field));
        const line: unknown = JSON.parse(
          // Not by an object, which would take `__proto__` for what it is.
          `{${[
            ...kept
              .filter((field) => !Object.hasOwn(changed, field))
              .map((field) => [field, valid[field]] as const),
            ...Object.entries(changed),
          ]
            .map(([field, value]) => `${JSON.stringify(field)}:${jsonOf(value)}`)
            .join(",")}}`,
        );
        const told = quickRound(line);
        // It would agree with anything if it never spoke.
        fc.pre(told !== null);
        const { data, error } = fileLine.safeParse(line);
        expect(error).toBeUndefined();
        expect(told).toStrictEqual(data);
        expect(JSON.stringify(told)).toBe(JSON.stringify(data));
      },
    ),
    { numRuns: 500 },
  );
});

/** As JSON, with numbers that only its grammar knows. */
function jsonOf(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return "1e999";
  if (value === Number.NEGATIVE_INFINITY) return "-1e999";
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(",")}]`;
  return JSON.stringify(value);
}

test("a plainly valid round is told, with and without what only some have", () => {
  fc.assert(
    fc.property(
      fc.subarray(["wall_s", "processor_s", "threads_seen", "waited_s", "device_s"] as const),
      (without) => {
        const line = Object.fromEntries(
          Object.entries(valid).filter(([field]) => !without.includes(field as "wall_s")),
        );
        expect(quickRound(line)).toStrictEqual(line);
      },
    ),
  );
  for (const nothing of ["load", "steal", "involuntary_switches"]) {
    expect(quickRound({ ...valid, [nothing]: null })).toStrictEqual({ ...valid, [nothing]: null });
  }
});

test("every field of the schema is told, so that a new one cannot be lost on the way", () => {
  const schema = fileLine.options.find(({ shape }) => shape.type.value === "round" && "samples" in shape);
  const fields: readonly string[] = Object.keys(schema?.shape ?? {});
  expect(Object.keys(quickRound(valid) ?? {})).toEqual(fields);
});

test("what is no object, or of another type, is left to the schema", () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(quickRound(value)).toBeNull();
    }),
  );
  for (const type of ["run", "case", "study", "trained"]) expect(quickRound({ ...valid, type })).toBeNull();
});
