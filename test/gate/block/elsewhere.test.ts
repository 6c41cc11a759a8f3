import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { Arm } from "../../../src/gate/block/arm.ts";
import type { BlockMessage, BlockTask, CheckTask } from "../../../src/gate/block/block-task.ts";
import { checkCells } from "../../../src/gate/block/check-cells.ts";
import { measureBlock } from "../../../src/gate/block/measure-block.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { variants } from "../../../variants/index.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { lostDevices, lyingClocks, wrongOutputs } from "../../verify/dishonest-devices.ts";
import { fakeDevice } from "../../verify/fake-device.ts";
import { smallCell } from "../stand-in.ts";

const folder = scratchFolder();
const root = resolve(import.meta.dirname, "../../..");
const fake = pathToFileURL(join(root, "test/verify/fake-device.ts")).href;
const cell = smallCell({ kernel: "device", case: "full/device" });
const request = { cell, input: "gaussian", seed: 3, rows: null };
const punctual = fakeDevice("device");
const clocked = fakeDevice("device", { clock: true });

afterAll(async () => {
  await punctual.close();
  await clocked.close();
});

test.each([
  { what: "is waited for", device: punctual, calls: 2 * 3 },
  { what: "times itself", device: clocked, calls: 3 },
])("a device that $what is an arm like any other: opened, timed and looked at", async ({ device }) => {
  const arm = new Arm({ variants, kernels: [device] }, builtInKinds);
  const facts = await arm.open(request);
  expect(facts).toMatchObject({ outcome: "right", reason: null, pairs: 64 });
  expect(facts.call_s).toBeGreaterThan(0);
  expect(facts.remarks?.join()).toMatch(/kernel device computes elsewhere, where no speed limit is known/);
  const times = await arm.slot({ callsPerSample: 2, samples: 3 }, 0);
  expect(times.wrong).toBeNull();
  expect(times.min_s).toBeGreaterThan(0);
  const padded = await arm.slot({ callsPerSample: 2, samples: 3 }, 1e6);
  expect(padded.min_s).toBeGreaterThan(times.min_s);
  expect(await arm.recheck()).toBeNull();
  arm.close();
});

test("calls that are waited for are timed alone in a block, and others by their own clock together", async () => {
  for (const [device, most] of [
    [punctual, 1],
    [clocked, Number.POSITIVE_INFINITY],
  ] as const) {
    const arm = new Arm({ variants, kernels: [device] }, builtInKinds);
    await arm.open({ ...request, rows: 8 });
    const { plan, seconds } = arm.plan(1e-6, 2e-3);
    expect(plan.callsPerSample).toBeLessThanOrEqual(most);
    expect(plan.callsPerSample > 1).toBe(device === clocked);
    expect(seconds).toBeGreaterThan(1e-6 * plan.callsPerSample * plan.samples);
    arm.close();
  }
});

test("an arm holds what computes elsewhere to no limit of speed, and what computes here to that of its processor", async () => {
  const long = smallCell({ kernel: "device", case: "full/device", length: 512, head_dim: 64 });
  for (const [isElsewhere, outcome] of [
    [true, "right"],
    [false, "wrong"],
  ] as const) {
    // It is as fast as nobody: what it computes it does when it takes in its inputs.
    const early: Kernel = {
      ...js,
      id: "device",
      prepare(problem, output) {
        const inner = js.prepare(problem, output);
        return {
          ...inner,
          load: () => inner.run(),
          run() {},
          ...(isElsewhere && { finish: async () => {} }),
        };
      },
    };
    const arm = new Arm({ variants, kernels: [early] }, builtInKinds);
    const facts = await arm.open({ ...request, cell: long });
    expect(facts.outcome).toBe(outcome);
    if (isElsewhere) expect((await arm.slot({ callsPerSample: 1, samples: 2 }, 0)).wrong).toBeNull();
    else expect(facts.reason).toMatch(/^verification: called again, a call of .* its timed calls skip work$/);
    arm.close();
  }
});

test.each([...wrongOutputs, ...lyingClocks])("a cell is wrong by $kernel.id", async ({ kernel, said }) => {
  const arm = new Arm({ variants, kernels: [kernel] }, builtInKinds);
  const facts = await arm.open({ ...request, cell: { ...cell, kernel: kernel.id } });
  expect(facts.outcome).toBe("wrong");
  expect(facts.reason).toMatch(said);
  await kernel.close();
});

test("a cell is wrong by a device that is lost, in one line", async () => {
  const failing = lostDevices.filter(({ kernel }) => ["fails", "cannot-prepare"].includes(kernel.id));
  for (const { kernel, said } of failing) {
    const arm = new Arm({ variants, kernels: [kernel] }, builtInKinds);
    const facts = await arm.open({ ...request, cell: { ...cell, kernel: kernel.id } });
    expect([facts.outcome, facts.reason]).toEqual(["wrong", expect.stringMatching(said)]);
    await kernel.close();
  }
});

/** A plug-in of one device; `bend` is text. */
function module(name: string, bend: string, open = ""): string {
  return folder.write(
    name,
    `
import { fakeDevice } from ${JSON.stringify(fake)};
export const kernels = [fakeDevice("device", { bend: (on) => (${bend})${open} })];
`,
  );
}

const honest = module("honest.mjs", "{}");
/** Wrong from its second block of samples on, once it was checked. */
const turning = module(
  "turning.mjs",
  "{ fetch: (() => { let fetches = 0; return async () => { await on.honest.fetch(); if (++fetches > 24) on.output[0] += 1; }; })() }",
);
const missing = module("missing.mjs", "{}", ', open: async () => "no device was found"');

function taskOf(base: string, head: string): BlockTask {
  const place = (module: string, name: string) => ({ root, module, name });
  return {
    kind: "block",
    places: { base: place(base, "base"), head: place(head, "head"), twin: place(base, "base") },
    simd: "auto",
    input: "gaussian",
    seed: 4,
    order: "ABBA",
    first: "base",
    padding: { base: 0, head: 64, twin: 0 },
    slot_s: 2e-3,
    entry_s: 0.1,
    entries: [{ cell, against: "head", pad: 0 }],
  };
}

async function saidBy(task: BlockTask | CheckTask): Promise<BlockMessage[]> {
  const said: BlockMessage[] = [];
  const say = async (message: BlockMessage) => void said.push(message);
  await (task.kind === "check" ? checkCells(task, say) : measureBlock(task, say));
  return said.filter(({ kind }) => kind !== "begin" && kind !== "done" && kind !== "facts");
}

test("a block measures devices of both sides in turns, with a mean for each slot", async () => {
  const [said] = await saidBy(taskOf(honest, module("other.mjs", "{}")));
  if (said.kind !== "entry") throw new Error(JSON.stringify(said));
  const { base_s, head_s, means } = said.entry;
  expect(base_s.length).toBeGreaterThanOrEqual(6);
  expect(Math.min(...base_s, ...head_s)).toBeGreaterThan(0);
  expect(means?.base_s).toHaveLength(base_s.length);
});

test("a block names the side whose device turns wrong", async () => {
  // Time enough for that many fetches however busy the machine is.
  const [said] = await saidBy({ ...taskOf(honest, turning), entry_s: 1 });
  expect(said).toMatchObject({
    kind: "wrong",
    side: "head",
    reason: expect.stringMatching(/^row 0 of batch 0/),
  });
});

test("a check holds both sides against one another, and says why a device cannot be opened", async () => {
  const { places, simd, input, seed } = taskOf(honest, missing);
  const [said] = await saidBy({ kind: "check", places, simd, input, seed, cells: [cell] });
  expect(said).toMatchObject({
    kind: "checked",
    line: { base: { outcome: "right" }, head: { outcome: "unsupported", reason: "no device was found" } },
  });
});
