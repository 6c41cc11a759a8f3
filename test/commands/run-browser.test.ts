import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRun } from "../../src/library/results.ts";
import { chromiumProgram, noChromium, whyNoChromium } from "../browser/chromium.ts";
import { commandLine } from "./command-line.ts";
import { fakeIo } from "./fake-io.ts";

const folder = mkdtempSync(join(tmpdir(), "attnbench-browser-"));
const words = (out: string, ...more: readonly string[]) => [
  ...["run", "--browser", "chromium", "--browser-path", chromiumProgram ?? "", "--kernel", "js"],
  ...["--variants", "full,local", "--out", join(folder, out), ...more],
];

describe.skipIf(noChromium)(`run --browser${whyNoChromium}`, () => {
  test("measures in the browser and leaves a file that report, compare and run --replay read", async () => {
    const out = join(folder, "there.jsonl");
    const ran = await commandLine(words("there.jsonl", "--lengths", "32,64", "--rounds", "2", "--seed", "7"));
    expect(ran.stderr).not.toMatch(/^attnbench:/m);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`wrote ${out}`);
    const { run, rows } = readRun(out);
    expect(run.environment.browser?.isolated).toBe(true);
    expect(run.plan.seed).toBe(7);
    expect(rows.map(({ variant, length, outcome }) => [variant, length, outcome])).toEqual([
      ["full", 32, "measured"],
      ["local", 32, "measured"],
      ["full", 64, "measured"],
      ["local", 64, "measured"],
    ]);
    const again = join(folder, "again.jsonl");
    expect((await commandLine(["run", "--replay", out, "--out", again])).code).toBe(0);
    expect(readRun(again).run.plan.cases.map((one) => one.case)).toEqual(
      run.plan.cases.map((one) => one.case),
    );
    const compared = await commandLine(["compare", out, again]);
    expect(compared.code).toBe(2);
    expect(compared.stderr).toContain("--across-machines");
    expect((await commandLine(["compare", out, again, "--across-machines"])).code).toBe(0);
    const page = join(folder, "report");
    expect((await commandLine(["report", out, again, "--format", "html", "--out", page])).code).toBe(0);
    expect(readFileSync(join(page, "index.html"), "utf8")).toContain("Chromium ");
  });

  test("an interrupt ends it, with what was measured in the file and exit code 1", async () => {
    let isOver = false;
    const io = fakeIo((text) => {
      if (isOver || !text.startsWith("measuring")) return;
      isOver = true;
      io.interrupt();
    });
    // More than is done before it hears of the interrupt, however long that takes.
    const long = ["--lengths", "32..512", "--rounds", "1000", "--budget", "1000s"];
    const { code, stderr } = await commandLine(words("interrupted.jsonl", ...long), io);
    expect(stderr).toContain("interrupted; what was measured until then stands\n");
    expect(code).toBe(1);
    expect(readRun(join(folder, "interrupted.jsonl")).rows.length).toBeGreaterThan(0);
  });

  test("what the page refuses is told in the words of the command line, and leaves no file", async () => {
    const { code, stderr } = await commandLine(words("refused.jsonl", "--heads", "3", "--kv-heads", "2"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^attnbench: .*heads.*\n$/m);
    expect(() => readFileSync(join(folder, "refused.jsonl"))).toThrow("ENOENT");
  });

  test("a program that is no browser is told in one line", async () => {
    const typed = words("never.jsonl").map((word) => (word === chromiumProgram ? "/bin/true" : word));
    const { code, stderr } = await commandLine(typed);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^attnbench: --browser chromium: the browser, started as \/bin\/true, must start, but its program is no such browser or ended at once; [^\n]*\n$/,
    );
  });
});
