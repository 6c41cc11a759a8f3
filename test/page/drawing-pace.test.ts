import { expect, test } from "vitest";
import { drawingPace } from "../../src/page/ui/drawing-pace.ts";

/** A page whose time passes as the test says. */
function paced(draws: (now: () => number) => number) {
  let now = 0;
  const waits: { readonly act: () => void; readonly at: number }[] = [];
  const drawn: { readonly start: number; readonly took: number }[] = [];
  const page = { seen: true };
  const pace = drawingPace(
    async () => {
      const start = now;
      const took = draws(() => now);
      now += took;
      drawn.push({ start, took });
    },
    {
      now: () => now,
      later: (act, milliseconds) => waits.push({ act, at: now + milliseconds }),
      seen: () => page.seen,
    },
  );
  /** Lets time pass, with a change every so many milliseconds. */
  const pass = async (until: number, every: number) => {
    while (now < until) {
      now += every;
      pace.changed();
      for (const due of waits.filter(({ at }) => at <= now)) {
        waits.splice(waits.indexOf(due), 1);
        due.act();
        // The drawing is a promise.
        await new Promise((done) => setImmediate(done));
      }
    }
  };
  return { pace, pass, drawn, page, waits };
}

test("drawing takes at most a tenth of the time, however often something changes", async () => {
  for (const cost of [50, 400, 3000]) {
    const { pass, drawn } = paced(() => cost);
    await pass(100_000, 20);
    expect(drawn.length).toBeGreaterThan(2);
    const pauses = drawn.slice(1).map(({ start }, at) => start - (drawn[at].start + drawn[at].took));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(Math.max(1000, 9 * cost));
  }
});

test("nothing is drawn while nobody sees it, and it is drawn once somebody does", async () => {
  const { pass, drawn, page } = paced(() => 10);
  page.seen = false;
  await pass(20_000, 20);
  expect(drawn).toEqual([]);
  page.seen = true;
  await pass(23_000, 20);
  expect(drawn.length).toBeGreaterThan(0);
});

test("without a change nothing is drawn, and one wait is enough for many changes", async () => {
  const { pace, drawn, waits } = paced(() => 10);
  expect(waits).toEqual([]);
  for (let change = 0; change < 100; change++) pace.changed();
  expect(waits).toHaveLength(1);
  expect(drawn).toEqual([]);
});
