import fc from "fast-check";
import { expect, test } from "vitest";
import { errorAxis } from "../../src/report/charts/error-axis.ts";
import { placeMeans } from "../../src/report/charts/mean-layers.ts";
import { overlap } from "../../src/report/charts/place-labels.ts";
import { seriesOf } from "../../src/report/series.ts";
import { sampleResults } from "./sample-results.ts";

const [WIDTH, HEIGHT] = [640, 460];
const series = seriesOf(sampleResults({ noise: 0, variants: 7, lengths: [1024] }).rows);

/** Each variant with a mean of v of its own, in a chart whose errors are these. */
function placed(means: readonly number[], marks: Parameters<typeof placeMeans>[3] = []) {
  const axis = errorAxis(means, means, { pixels: HEIGHT, room: 26, against: "full" });
  const cases = series.map((one, at) => ({
    series: one,
    row: { ...one.rows[0], mean_fidelity_error: means[at % means.length] },
  }));
  return placeMeans(1024, cases, axis, marks, WIDTH);
}

const errors = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 1, maxLength: 7 });
const mark = fc.record({
  x: fc.integer({ min: 0, max: WIDTH }),
  y: fc.integer({ min: 0, max: HEIGHT }),
  radius: fc.integer({ min: 3, max: 17 }),
  text: fc.constant("local"),
});

test("no text of a mean of v lies on another, or on another's line, however many there are and wherever marks are", () => {
  fc.assert(
    fc.property(errors, fc.array(mark, { maxLength: 20 }), (means, marks) => {
      const lines = placed(means, marks);
      for (const one of lines) {
        for (const other of lines) {
          if (one === other) continue;
          expect(overlap(one.box, other.box), `${one.text} on ${other.text}`).toBe(false);
          expect(overlap(one.box, other.line), `${one.text} on the line of ${other.text}`).toBe(false);
        }
      }
    }),
  );
});

test("means too near to be told apart are one line, which says from where to where they are", () => {
  expect(placed([0.77, 0.81, 0.84]).map(({ text, low, high }) => ({ text, low, high }))).toEqual([
    { text: "mean of v: 0.77–0.84", low: 0.77, high: 0.84 },
  ]);
  expect(placed([0.8]).map(({ text }) => text)).toEqual(["mean of v: 0.8"]);
  expect(placed([0.8, 0.05]).map(({ text }) => text)).toEqual([
    "mean of v: 0.8",
    "mean of v, for local, global, bigbird: 0.05",
  ]);
});
