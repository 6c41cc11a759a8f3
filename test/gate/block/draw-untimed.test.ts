import { expect, test } from "vitest";
import { drawUntimed } from "../../../src/gate/block/draw-untimed.ts";
import { smallCell } from "../stand-in.ts";

const entry = { cell: smallCell(), against: "head", pad: 0 } as const;

test("the same block skips as many calls, another block, cell or arm others", () => {
  const drawn = (seed: number, one: Parameters<typeof drawUntimed>[1] = entry) => {
    const calls = drawUntimed(seed, one, 1e-4, 0.2);
    return [calls.first, ...Array.from({ length: 20 }, () => calls.next()).flat()];
  };
  expect(drawn(5)).toEqual(drawn(5));
  expect(drawn(6)).not.toEqual(drawn(5));
  expect(drawn(5, { ...entry, against: "twin" })).not.toEqual(drawn(5));
  expect(drawn(5, { ...entry, cell: smallCell({ case: "other" }) })).not.toEqual(drawn(5));
});

test("a slot begins with one or two, and what comes before the first takes a fifth of the entry's time at most", () => {
  const firsts = Array.from({ length: 200 }, (_, seed) => drawUntimed(seed, entry, 1e-3, 0.2).first);
  expect(Math.min(...firsts)).toBeLessThan(4);
  expect(Math.max(...firsts)).toBeGreaterThan(36);
  expect(Math.max(...firsts)).toBeLessThanOrEqual(40);
  const { next } = drawUntimed(1, entry, 1e-3, 0.2);
  const slots = Array.from({ length: 200 }, next).flat();
  expect(new Set(slots)).toEqual(new Set([1, 2]));
  expect(drawUntimed(3, entry, 10, 0.2).first).toBe(0);
});

test("a cost on every n-th call does not always fall on the calls that are not timed, whatever n is", () => {
  // Slots of eleven timed calls, as of 180 µs each: with one call before each, every twelfth could hide.
  for (let every = 2; every <= 40; every++) {
    let [calls, timed] = [0, 0];
    const { first, next } = drawUntimed(9, entry, 180e-6, 0.2);
    calls += first;
    for (let quad = 0; quad < 25; quad++) {
      for (const untimed of next()) {
        calls += untimed;
        for (let call = 0; call < 11; call++) if (++calls % every === 0) timed++;
      }
    }
    expect(timed / (550 / every), `every ${every}`).toBeGreaterThan(0.6);
    expect(timed / (550 / every), `every ${every}`).toBeLessThan(1.4);
  }
});
