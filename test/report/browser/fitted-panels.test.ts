import { expect, test } from "vitest";
import { panelWidth } from "../../../src/report/browser/fitted-panels.ts";
import { LEAST_PANEL } from "../../../src/report/charts/panels.ts";

test("panels share what a chart is too wide or too narrow by, and never reach beyond the figure", () => {
  expect(panelWidth(200, 100, 5)).toBe(180);
  expect(panelWidth(200, -100, 5)).toBe(220);
  expect(panelWidth(200, 101, 5)).toBe(179);
  expect(panelWidth(200, 0, 5)).toBe(200);
});

test("a panel stays wide enough to be read: a chart of more scrolls", () => {
  expect(panelWidth(200, 5000, 10)).toBe(LEAST_PANEL);
});
