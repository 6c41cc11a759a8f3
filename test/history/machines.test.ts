import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { environmentDifferences, otherPlaces } from "../../src/compare/environment-differences.ts";
import { isSamePlace, type Place } from "../../src/compare/place.ts";
import { machineDifferences, machinesOf } from "../../src/history/machines.ts";
import { sampleLines } from "../record/sample-lines.ts";
import { sampleEntry, samplePlace } from "./sample-entries.ts";

const [{ environment }] = sampleLines();
/** What a machine, its runtime or their settings may be, known or not. */
const anyPlace: fc.Arbitrary<Place> = fc
  .record({
    cpu: fc.constantFrom("A", "B"),
    governor: fc.constantFrom(null, "performance", "powersave"),
    node: fc.constantFrom("26.1.0", "26.2.0"),
    memory_bytes: fc.constantFrom(2 ** 33, 2 ** 33 * 0.99, 2 ** 34),
    kernels: fc.constantFrom(undefined, { wasm: "wide" }, { wasm: "plain" }, { native: "by memfd" }),
  })
  .map((changes) => samplePlace(changes));

describe("the machine of an entry", () => {
  test("is the same as another's only where compare would compare their times", () => {
    fc.assert(
      fc.property(fc.array(anyPlace, { minLength: 2, maxLength: 6 }), (places) => {
        const entries = places.map((place, at) => sampleEntry(at, { place }));
        const machines = machinesOf(entries);
        for (const a of entries) {
          for (const b of entries) {
            const differ = otherPlaces(
              environmentDifferences(
                { ...environment, ...a.place } as never,
                { ...environment, ...b.place } as never,
              ),
            );
            expect(isSamePlace(a.place, b.place)).toBe(differ.length === 0);
            if (machines.get(a.id) === machines.get(b.id)) expect(differ).toEqual([]);
          }
        }
      }),
    );
  });

  test("is the same wherever compare would compare them, if all is known", () => {
    const known = anyPlace.filter(({ governor, kernels, memory_bytes: bytes }) => {
      return (
        governor !== null && kernels !== undefined && "wasm" in kernels && Number.isInteger(Math.log2(bytes))
      );
    });
    fc.assert(
      fc.property(fc.array(known, { minLength: 2, maxLength: 6 }), (places) => {
        const entries = places.map((place, at) => sampleEntry(at, { place }));
        const machines = machinesOf(entries);
        for (const a of entries) {
          for (const b of entries) {
            expect(machines.get(a.id) === machines.get(b.id)).toBe(isSamePlace(a.place, b.place));
          }
        }
      }),
    );
  });

  test("does not depend on the order of lines", () => {
    fc.assert(
      fc.property(
        fc.array(anyPlace, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (places, order) => {
          const entries = places.map((place, at) => sampleEntry(at, { place }));
          const shuffled = entries
            .map((entry) => ({ entry, at: order.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ entry }) => entry);
          const name = (of: ReturnType<typeof machinesOf>) => entries.map(({ id }) => of.get(id)?.name);
          expect(name(machinesOf(shuffled))).toEqual(name(machinesOf(entries)));
        },
      ),
    );
  });

  test("learns what it did not know, and then differs by it", () => {
    const governors = [null, "performance", null, "powersave"];
    const entries = governors.map((governor, at) => sampleEntry(at, { place: samplePlace({ governor }) }));
    const machines = entries.map(({ id }) => machinesOf(entries).get(id));
    const [first, second, third, fourth] = machines.map((one) => one?.name);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
    expect(machines[3] && machines[0] && machineDifferences(machines[3], machines[0])).toEqual([
      "governor powersave, not performance",
    ]);
  });

  test("is another by gates, whose slots are short and in turn, and in another class of a sweep", () => {
    const entries = [
      sampleEntry(0),
      sampleEntry(1, { source: "gate" }),
      sampleEntry(2, { source: "sweep", class: "epyc" }),
      sampleEntry(3, { source: "sweep", class: "xeon" }),
    ];
    const names = entries.map(({ id }) => machinesOf(entries).get(id)?.name);
    expect(new Set(names).size).toBe(3);
    expect(names[2]).toBe(names[0]);
    const abouts = entries.map(({ id }) => machinesOf(entries).get(id)?.about);
    expect(abouts[1]).toBe("Example CPU, 2 cores, Linux, node 26.10.0, by gates");
    expect(abouts[3]).toBe("xeon, Example CPU, 2 cores, Linux, node 26.10.0");
  });

  test("is that of code of any version: the hash of a kernel's build says nothing", () => {
    const entries = ["wide", "wide 0123456789ab", "plain 0123456789ab"].map((wasm, at) =>
      sampleEntry(at, { place: samplePlace({ kernels: { wasm } }) }),
    );
    const machines = machinesOf(entries);
    const [bare, hashed, plain] = entries.map(({ id }) => machines.get(id)?.name);
    expect(hashed).toBe(bare);
    expect(plain).not.toBe(bare);
  });
});
