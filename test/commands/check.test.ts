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

test("an interrupt ends it, which is no success", async () => {
  const io = fakeIo();
  io.interrupt();
  expect(await commandLine("check", io)).toMatchObject({
    code: 1,
    stderr: "interrupted: not everything was checked\n",
  });
});
