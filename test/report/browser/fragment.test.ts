import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fragmentOf, partsOf, viewOf } from "../../../src/report/browser/fragment.ts";
import { startOf, type View } from "../../../src/report/browser/view.ts";
import type { Entry } from "../../../src/report/ranking/entry.ts";
import { sampleEntry } from "../ranking/sample-entry.ts";
import { sampleFile } from "./sample-file.ts";

const file = sampleFile();
const start = startOf(file) as View;

const values = (of: readonly string[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1 });
const bound = fc.option(
  fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => Number(value.toPrecision(6))),
);
const view: fc.Arbitrary<View> = fc.record({
  n: fc.integer({ min: 256, max: 4096 }),
  conditions: fc.record({
    chosen: fc
      .record({ family: values(["sparse", "a,b&c=%"]), state: values(["constant"]) }, { requiredKeys: [] })
      .map((chosen) => new Map(Object.entries(chosen).map(([id, all]) => [id as "family", new Set(all)]))),
    memory: bound.map((mib) => (mib === null ? null : mib * 2 ** 20)),
    error: bound.map((percent) => (percent === null ? null : percent / 100)),
  }),
  chosen: fc.uniqueArray(fc.constantFrom(0, 1, 2)).map((places) => new Set(places)),
  only: fc.boolean(),
  found: fc.constant(null),
  hovered: fc.constant(null),
});

test("a link opens the view that it was made of", () => {
  fc.assert(
    fc.property(view, (asked) => {
      const opened = viewOf(fragmentOf(asked, start, file), start, file);
      expect(plain(opened)).toEqual(plain(asked));
    }),
  );
});

test("of the start nothing needs to be said, and a view is said in words that people can read", () => {
  expect(fragmentOf(start, start, file)).toBe("");
  const conditions = {
    chosen: new Map([
      ["family" as const, new Set(["sparse", "dense"])],
      ["state" as const, new Set(["constant"])],
    ]),
    memory: 64 * 2 ** 20,
    error: 0.05,
  };
  expect(
    fragmentOf({ ...start, n: 3000, conditions, chosen: new Set([2, 1]), only: true }, start, file),
  ).toBe("n=3000&family=sparse,dense&state=constant&memory=64&error=5&lit=variant-1,variant-2&only=lit");
});

test("whatever stands in an address, each part that means something counts, and none throws", () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "n=1e9",
      "n=-1",
      "n=300.5",
      "n=",
      "family=%E0%A4%A",
      "lit=99,x,variant-1",
      "memory=x",
      "error=-1",
      "only=1",
    ),
    fc.constantFrom("constructor=1", "__proto__=1", "=", "=&=", "n=NaN", "state=nothing"),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const opened = viewOf(["n=512", ...parts, "state=constant"].join("&"), start, file);
      expect(opened.n).toBe(512);
      expect(opened.conditions.memory ?? 0).toBeGreaterThanOrEqual(0);
      for (const place of opened.chosen) expect([0, 1, 2]).toContain(place);
      for (const asked of opened.conditions.chosen.get("family") ?? [])
        expect(["sparse", "a,b&c=%"]).toContain(asked);
    }),
  );
  const opened = viewOf(
    "n=300.5&lit=99,variant-1,1,x&family=sparse,%E0%A4%A&state=nothing&memory=x",
    start,
    file,
  );
  expect(plain(opened)).toEqual(
    plain({
      ...start,
      chosen: new Set([1]),
      conditions: { ...start.conditions, chosen: new Map([["family", new Set(["sparse"])]]) },
    }),
  );
});

describe("what is lit", () => {
  const lit = (address: string, entries: readonly Entry[]) => [
    ...viewOf(address, start, { ...file, entries }).chosen,
  ];

  test("is told by name, so that a link means the same in a file with other series or another order", () => {
    const { entries } = file;
    const address = fragmentOf({ ...start, chosen: new Set([1]) }, start, file);
    const others = [3, 1, 0].map((at, place) => ({ ...entries[at], place }));
    expect(lit(address, others)).toEqual([1]);
    expect(lit(address, entries.slice(2))).toEqual([]);
  });

  test("is one series, or those of a variant in a file that has several of it", () => {
    const twice = ["js", "wasm"].map((kernel, place) =>
      sampleEntry(place, file.entries[0].points, { variantLabel: "full", names: [`full · ${kernel}`] }),
    );
    expect(lit("lit=full", twice)).toEqual([0, 1]);
    expect(lit("lit=full%20%C2%B7%20wasm", twice)).toEqual([1]);
  });

  test("takes no more of an address than can be sent, and no name that is cut", () => {
    const many = Array.from({ length: 80 }, (_, place) =>
      sampleEntry(place, file.entries[0].points, { names: [`${"\u5b57".repeat(9)},&=# ${place}`] }),
    );
    const some = { ...file, entries: many };
    const address = fragmentOf({ ...start, chosen: new Set(many.keys()) }, start, some);
    expect(address.length).toBeLessThan(2000);
    const opened = lit(address, many);
    expect(opened.length).toBeGreaterThan(5);
    expect(opened).toEqual([...many.keys()].slice(0, opened.length));
  });
});

test("an address that names a place of the page asks for no view", () => {
  expect(partsOf("file-1-evidence")).toEqual([]);
});

/** Sets and maps by their values, whatever their order. */
function plain({ conditions, chosen, ...rest }: View) {
  const { memory, error } = conditions;
  const near = (value: number | null) => (value === null ? null : Number(value.toPrecision(9)));
  return {
    ...rest,
    chosen: [...chosen].sort(),
    conditions: {
      chosen: [...conditions.chosen].map(([id, all]) => [id, [...all].sort()]).sort(),
      memory: near(memory),
      error: near(error),
    },
  };
}
