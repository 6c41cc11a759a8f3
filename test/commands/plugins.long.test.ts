import { join } from "node:path";
import { expect, test } from "vitest";
import { commandHost } from "./hosted.ts";

// Hundreds of shapes, by kernels that are written to be read.
const plugin = (name: string) => join(import.meta.dirname, "../plugin", name);
const run = commandHost(".");

test("the example of a plug-in is held to the gate and to the laws, variant and kernel", async () => {
  const { code, stdout } = await run(`check sink --kernel plain --plugin ${plugin("sink.ts")}`);
  expect(stdout).toMatch(/^ok {6}sink by plain: gate \(\d+\)$/m);
  expect(stdout).toMatch(/^ok {6}sink by plain: each parameter at its widest equals full attention/m);
  expect(stdout).toMatch(/checks passed, 0 failed, in/);
  expect(code).toBe(0);
});

test("a plug-in's own stepper is checked like any other", async () => {
  const { code, stdout } = await run(
    `check full --mode decode --plugin ${plugin("steppers.ts")} --kernel steps,forgets`,
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok {6}full by steps: gate \(\d+\)$/m);
  expect(stdout).toMatch(/^FAILED {2}full by forgets: gate$/m);
});
