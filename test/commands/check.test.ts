import { expect, test } from "vitest";
import { commandLine } from "./command-line.ts";
import { fakeIo } from "./fake-io.ts";

test("a variant is held to the gate and to every law", async () => {
  const { code, stdout, stderr } = await commandLine("check linear --kernel js-recurrent");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [gate, ...laws] = stdout.split("\n\n")[0].split("\n");
  expect(gate).toMatch(/^ok {6}linear by js-recurrent: gate \(\d+\)$/);
  expect(laws.length).toBeGreaterThan(3);
  for (const law of laws) expect(law).toMatch(/^ok {6}linear by js-recurrent: .+ \(\d+\)$/);
  expect(stdout.trimEnd()).toMatch(/\n\d+ checks passed, 0 failed, in [\d.]+ \S+$/);
});

test("as JSON the results are told alone, one an entry", async () => {
  const { stdout } = await commandLine("check sliding-window --kernel js --seed 7 --json");
  const { passed, failed, results } = JSON.parse(stdout);
  expect(failed).toBe(0);
  expect(passed).toBe(results.reduce((sum: number, one: { passed: number }) => sum + one.passed, 0));
  expect(results[0]).toEqual({ variant: "local", kernel: "js", check: "gate", passed: 252, failure: null });
});

test("an interrupt ends it, which is no success", async () => {
  const io = fakeIo();
  io.interrupt();
  expect(await commandLine("check", io)).toMatchObject({
    code: 1,
    stderr: "interrupted: not everything was checked\n",
  });
});
