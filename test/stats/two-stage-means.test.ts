import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { routes, routesMean } from "../../src/stats/two-stage-rule.ts";
import { costlyMeans, gateOfBoth, redRuns, unchangedMeans } from "./simulated-means.ts";

test.each(Object.entries(unchangedMeans))("unchanged code with %s is hardly ever red", (name, ofMean) => {
  expect(redRuns(150, 20, ofMean, randomStream(80, name.length))).toBeLessThanOrEqual(2);
});

test("a mean is sent on as a median is, unless it scatters so widely that its distance tells nothing", () => {
  expect(routesMean([0.03, 0.031, 0.029, 0.03, 0.03, 0.03])).toBe("slower");
  expect(routesMean([-0.03, -0.031, -0.029, -0.03])).toBe("faster");
  expect(routesMean([0.01, 0.01, 0.01, 0.01])).toBeNull();
  const wide = [0.4, -0.35, 0.3, -0.2, 0.1, -0.1];
  expect(routes(wide)).toBe("slower");
  expect(routesMean(wide)).toBeNull();
  // Of one block nobody knows how it scatters.
  expect(routesMean([0.4])).toBe("slower");
});

test("a cost of 8 % that falls some times in each block is found nearly always, and a rare one is never passed as the same", () => {
  const random = randomStream(81);
  const found = (events: number) => {
    let count = 0;
    const calm = unchangedMeans["noise of 2 %"];
    for (let run = 0; run < 100; run++) {
      if (gateOfBoth(5, calm, random, costlyMeans(0.08, events, 0.02))[0].mean === "slower") count++;
    }
    return count;
  };
  expect(found(8)).toBeGreaterThanOrEqual(95);
  expect(found(2)).toBeGreaterThanOrEqual(70);
});
