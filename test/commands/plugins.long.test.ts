import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandHost } from "./hosted.ts";
import { launch } from "./launched.ts";

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

const folder = scratchFolder();

test("the example of a kind is held to its own oracle and laws", async () => {
  const { code, stdout } = await run(`check fading --plugin ${plugin("fading.ts")}`);
  expect(stdout).toMatch(/^ok {6}fading by fading-pairs: gate \(\d+\)$/m);
  expect(stdout).toMatch(/^ok {6}fading by fading-pairs: a causal row is the same in a longer sequence/m);
  expect(code).toBe(0);
});

test("both sides of a gate are judged by what base says is right", async () => {
  // The same variants and kernels, of a kind whose right output is zero.
  const zero = join(folder.path, "zero.ts");
  writeFileSync(
    zero,
    `import { simpleKind } from "attnbench";
export { kernels, variants } from ${JSON.stringify(plugin("fading.ts"))};
const reference = ({ q }) => new Float64Array(q.length);
export const kinds = [simpleKind({ id: "fading", causality: "always", flops: () => 1, laws: [], reference })];
`,
  );
  const gate = (base: string, head: string) =>
    launch(
      `gate --base ${base} --head ${head} --causal --lengths 16 --cell-time 20ms --blocks 2`.split(" "),
      folder.path,
    ).ended;
  const judgedRight = await gate(plugin("fading.ts"), zero);
  expect(judgedRight.stdout + judgedRight.stderr).not.toMatch(/over budget/);
  expect(judgedRight.stdout).toMatch(/fading/);
  const judgedWrong = await gate(zero, plugin("fading.ts"));
  expect(judgedWrong.stderr).toMatch(/over budget/);
});
