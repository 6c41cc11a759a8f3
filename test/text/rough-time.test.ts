import { expect, test } from "vitest";
import { roughTime } from "../../src/text/rough-time.ts";

test("a rough time has two digits at most, as long as it is days at most", () => {
  const cases = [
    [0, "1 s"],
    [0.4, "1 s"],
    [59.6, "60 s"],
    [99.4, "99 s"],
    [99.6, "2 min"],
    [1272, "21 min"],
    [5969, "99 min"],
    [5971, "2 h"],
    [14_400, "4 h"],
    [300_000, "83 h"],
  ] as const;
  for (const [seconds, text] of cases) expect(roughTime(seconds), `${seconds}`).toBe(text);
});
