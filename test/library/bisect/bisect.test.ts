import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { bisectionBench } from "./bench.ts";

// Steps are processes: more of them are in bisect.long.test.ts.
const bench = bisectionBench();

test("a bisection finds the first commit that is slower, and leaves the checkout, its index, its refs and a bisection under way in it as they are, and no folder", async () => {
  const all = bench.history(1, 1, 2, 2);
  writeFileSync(join(bench.repository.folder, "n"), "changed");
  writeFileSync(join(bench.repository.folder, "staged"), "new");
  bench.repository.git("add", "staged");
  bench.repository.git("bisect", "start");
  bench.repository.git("bisect", "bad");
  const before = bench.state();
  expect(before.bisection.length).toBeGreaterThan(0);
  expect((await bench.run({ good: all[0], out: bench.path("out") })).end).toBe("found");
  expect(bench.state()).toEqual(before);
});

describe("a range", () => {
  test("has two commits, the good one before the bad one", async () => {
    const all = bench.history(1, 2);
    bench.repository.git("checkout", "--quiet", "-b", "other", all[0]);
    const other = bench.repository.commit("other", { speed: "1", n: "other" });
    await expect(bench.run({ good: other, bad: all[1] })).rejects.toThrow(
      "--good must be an ancestor of --bad",
    );
    await expect(bench.run({ good: all[0], bad: all[0] })).rejects.toThrow(
      "--good and --bad must be two commits",
    );
    await expect(bench.run({ bad: all[0] })).rejects.toThrow(
      "--good must name a commit, such as v1.0 or HEAD~40",
    );
    for (const revision of ["nothing", "--all", "-h", "", "$(id)", "HEAD:speed"]) {
      await expect(bench.run({ good: revision })).rejects.toThrow(
        /--good: must name a commit of this repository/,
      );
    }
    process.chdir(bench.path());
    await expect(bench.run({ good: "HEAD~1" })).rejects.toThrow("must lie in a git checkout");
  });

  test("of one commit needs no step but the bad one's", async () => {
    const all = bench.history(1, 2);
    const { end, first, tested } = await bench.run({ good: all[0], out: bench.path("out") });
    expect({ end, tested }).toEqual({ end: "found", tested: ["change 1: regressed"] });
    expect(first).toMatchObject([{ commit: all[1] }]);
  });
});
