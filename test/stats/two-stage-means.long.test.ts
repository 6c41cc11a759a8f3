import { expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { SAME_TAIL } from "../../src/gate/judge/judge-mean.ts";
import { proportionInterval } from "../../src/stats/proportion-interval.ts";
import { GATE_RULE, sameWithin } from "../../src/stats/two-stage-rule.ts";
import { costlyMeans, redRuns, unchangedMeans } from "./simulated-means.ts";

// Thousands of runs, so that a rate of one in a hundred shows.
test.each(Object.entries(unchangedMeans))(
  "of 2000 gates of 20 unchanged cells with %s at most one in a hundred is red",
  (name, ofMean) => {
    const runs = 2000;
    const red = redRuns(runs, 20, ofMean, randomStream(82, name.length));
    expect(red / runs).toBeLessThanOrEqual(GATE_RULE.alpha);
    expect(proportionInterval(red, runs).low).toBeLessThan(GATE_RULE.alpha / 2);
  },
);

test.each([1, 2, 8])(
  "a cost that comes to a twentieth and falls %i times in a block passes six blocks as the same at most once in twenty",
  (events) => {
    const random = randomStream(83, events);
    const costly = costlyMeans(0.05, events, 0.005);
    const runs = 20_000;
    let same = 0;
    for (let run = 0; run < runs; run++) {
      const blocks = Array.from({ length: GATE_RULE.stage1Blocks }, () => costly(random));
      if (sameWithin(blocks, GATE_RULE.margin, SAME_TAIL)) same++;
    }
    expect(same / runs).toBeLessThanOrEqual(0.05);
  },
);
