import { expect, test } from "vitest";
import { blocksFor, detectableEffect, detectionPower } from "../../src/stats/two-stage-power.ts";
import { GATE_RULE } from "../../src/stats/two-stage-rule.ts";

test.each([
  // Integrated with SciPy's adaptive quadrature over scipy.stats.chi.
  [0.05, 0.02, 1, 16, 0.9997473146335385],
  [0.05, 0.03, 5, 16, 0.9320236273923335],
  [0.05, 0.04, 12, 16, 0.5226502658331676],
  [0.05, 0.04, 24, 16, 0.41951887713913166],
  [0.05, 0.04, 12, 32, 0.9343942559283895],
  [0.03, 0.02, 3, 16, 0.43462438094866424],
  [0.1, 0.04, 12, 16, 0.9999394207719543],
  [0.5, 0.3, 10, 16, 0.9064157189070277],
  [0.05, 0.03, 1, 2, 0.04372841175464967],
  [0.05, 0.03, 1, 3, 0.11028854506711049],
  [0, 0.04, 12, 16, 3.309466272268103e-6],
])("a slow-down of %f in noise of %f among %d routed cells and %d blocks is caught with %f", (...one) => {
  const [effect, sd, k, stage2Blocks, expected] = one;
  const power = detectionPower(effect, sd, k, { ...GATE_RULE, stage2Blocks });
  expect(Math.abs(power - expected)).toBeLessThan(1e-7);
  expect(power / expected).toBeCloseTo(1, 6);
});

test("without noise a slow-down is caught from 3 % on, and never below", () => {
  expect(detectionPower(0.0299, 0, 5)).toBe(0);
  expect(detectionPower(0.03, 0, 5)).toBe(1);
  expect(detectableEffect(0, 5)).toBeCloseTo(0.03, 9);
  expect(detectionPower(0.0299, 1e-6, 5)).toBeCloseTo(0, 12);
  expect(detectionPower(0.0301, 1e-6, 5)).toBeCloseTo(1, 12);
  expect(detectableEffect(1e-6, 5)).toBeCloseTo(0.03, 4);
});

test("noise and more routed cells make it rarer, larger effects and more blocks likelier", () => {
  const falling = (values: number[]) => expect(values).toEqual(values.toSorted((a, b) => b - a));
  falling([0.001, 0.01, 0.02, 0.03, 0.04, 0.08].map((sd) => detectionPower(0.05, sd, 5)));
  falling([1, 2, 5, 20, 100].map((k) => detectionPower(0.05, 0.04, k)));
  falling([0.2, 0.1, 0.05, 0.03, 0.01, 0, -0.1].map((effect) => detectionPower(effect, 0.04, 5)));
  const withBlocks = (stage2Blocks: number) => detectionPower(0.05, 0.04, 5, { ...GATE_RULE, stage2Blocks });
  falling([256, 64, 32, 16, 8, 4, 3, 2].map(withBlocks));
});

test("the detectable effect is caught with just the power asked for", () => {
  for (const sd of [0.005, 0.02, 0.04, 0.2]) {
    for (const power of [0.5, 0.9, 0.99]) {
      const effect = detectableEffect(sd, 12, GATE_RULE, power);
      expect(detectionPower(effect, sd, 12)).toBeCloseTo(power, 8);
      expect(effect).toBeGreaterThan(0.03);
    }
  }
  expect(detectableEffect(0.04, 12)).toBeCloseTo(detectableEffect(0.04, 12, GATE_RULE, 0.9), 12);
  // A cell of 6 % noise can still be gated at 10 %, and one of 7 % no longer.
  expect(detectableEffect(0.06, 12)).toBeLessThan(GATE_RULE.ungatedAbove);
  expect(detectableEffect(0.07, 12)).toBeGreaterThan(GATE_RULE.ungatedAbove);
});

test("the blocks found are the fewest that reach the power, and null where stage 1 is what stands in the way", () => {
  for (const [effect, sd] of [
    [0.05, 0.04],
    [0.05, 0.03],
    [0.1, 0.04],
  ]) {
    const stage2Blocks = blocksFor(effect, sd, 5) ?? 0;
    expect(detectionPower(effect, sd, 5, { ...GATE_RULE, stage2Blocks })).toBeGreaterThanOrEqual(0.9);
    expect(detectionPower(effect, sd, 5, { ...GATE_RULE, stage2Blocks: stage2Blocks - 1 })).toBeLessThan(0.9);
  }
  expect(blocksFor(0.05, 0.04, 5)).toBe(25);
  // Stage 1 sends on such a cell in 88 % of runs.
  expect(blocksFor(0.05, 0.06, 5)).toBeNull();
  expect(blocksFor(0.05, 0.06, 5, GATE_RULE, 0.8)).not.toBeNull();
});

test("effects, noise, numbers of cells and powers that are none are refused", () => {
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => detectionPower(bad, 0.01, 1)).toThrow(`got ${bad}`);
  }
  for (const bad of [-0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => detectionPower(0.1, bad, 1)).toThrow(`got ${bad}`);
    expect(() => detectableEffect(bad, 1)).toThrow(`got ${bad}`);
  }
  for (const bad of [0, 1.5, Number.NaN]) expect(() => detectableEffect(0.1, bad)).toThrow(`got ${bad}`);
  for (const bad of [0, 1, Number.NaN]) {
    expect(() => detectableEffect(0.1, 1, GATE_RULE, bad)).toThrow(`got ${bad}`);
    expect(() => blocksFor(0.1, 0.1, 1, GATE_RULE, bad)).toThrow(`got ${bad}`);
  }
});
