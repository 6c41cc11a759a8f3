import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resultLine } from "../../src/record/schema/result-lines.ts";
import { sampleLines } from "../record/sample-lines.ts";
import { commandLine } from "./command-line.ts";
import { launch } from "./launched.ts";

test("the doctor says what the machine is, and ends well whatever its advice", async () => {
  const { code, stdout, stderr } = await commandLine("doctor --threads 1");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const name of [
    "processor",
    "caches",
    "governor",
    "clock step",
    "V8",
    "kernels",
    "one thread reads",
    "tanh",
  ]) {
    expect(stdout).toContain(name);
  }
  expect(stdout).toMatch(/\n(ready to measure|(! .*: .*\n?)+)\n?$/);
});

test("as JSON it holds the environment as results do, and nothing that they could not", async () => {
  const { code, stdout } = await commandLine("doctor --json --threads 1");
  expect(code).toBe(0);
  const { environment, kernels, threads, reads, tanh_per_s: tanh, advice } = JSON.parse(stdout);
  const [run] = sampleLines();
  expect(resultLine.parse({ ...run, environment })).toEqual({ ...run, environment });
  expect(environment).toHaveProperty("ceilings");
  expect(environment).toHaveProperty("read_bandwidth_bytes_per_s");
  expect(environment).toHaveProperty("cpu_features");
  expect(threads).toEqual([1]);
  expect(kernels.map(({ id }: { id: string }) => id)).toContain("js");
  expect(reads.length).toBeGreaterThan(0);
  expect(tanh).toBeGreaterThan(1e7);
  expect(advice).toEqual(expect.any(Array));
});

test("more threads than cores are measured as asked, with advice against them", async () => {
  const many = availableParallelism() + 1;
  const { code, stdout } = await commandLine(`doctor --json --threads ${many}`);
  expect(code).toBe(0);
  const { threads, advice } = JSON.parse(stdout);
  expect(threads).toEqual([1, many]);
  expect(advice).toContainEqual(expect.stringMatching(`^${many} threads on ${many - 1} cores`));
});

test("kernels of plug-ins are looked at too", async () => {
  const sink = join(import.meta.dirname, "../plugin/sink.ts");
  const { code, stdout } = await launch(["doctor", "--threads", "1", "--plugin", sink], ".").ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}plain +plain rows, float64$/m);
});
