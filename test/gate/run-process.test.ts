import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import type { BlockMessage, BlockTask, CheckTask } from "../../src/gate/block/block-task.ts";
import { runProcess } from "../../src/gate/run-process.ts";
import type { Ended } from "../../src/processes/run-process.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { smallCell, spinModule } from "./stand-in.ts";

const folder = scratchFolder();
const root = join(import.meta.dirname, "../..");
const mood = join(folder.path, "mood");
const moody = folder.write("moody.mjs", spinModule({ mood }));
const cell = smallCell();

function checkTask(module = moody): CheckTask {
  const place = { root, module };
  const places = { base: place, head: place, twin: place };
  return { kind: "check", places, simd: "auto", input: "gaussian", seed: 1, cells: [cell] };
}

function blockTask(change: Partial<BlockTask> = {}): BlockTask {
  const { kind: _, cells: __, ...settings } = checkTask();
  return {
    ...settings,
    kind: "block",
    order: "BAAB",
    first: "head",
    padding: { base: 64, head: 0, twin: 640 },
    slot_s: 2e-3,
    entry_s: 0.01,
    entries: [
      { cell: null, against: "yardstick", pad: 0 },
      { cell, against: "head", pad: 1 },
      { cell, against: "twin", pad: 0 },
    ],
    ...change,
  };
}

/** All that a process says when the plug-in is in this mood. */
async function said(
  task: CheckTask | BlockTask,
  inMood: string,
  { patience = 600, signal = new AbortController().signal } = {},
): Promise<(BlockMessage | Ended)[]> {
  folder.write("mood", inMood);
  return Array.fromAsync(runProcess(task, patience, signal));
}

test("a check tells of each side before it is asked, then what was found, and that it is done", async () => {
  const messages = await said(checkTask(), "");
  expect(messages).toMatchObject([
    { kind: "begin", cell: null, side: "base" },
    { kind: "begin", cell: null, side: "head" },
    { kind: "begin", cell: cell.case, side: "base" },
    { kind: "facts", side: "base", facts: { outcome: "right" } },
    { kind: "begin", cell: cell.case, side: "head" },
    { kind: "facts", side: "head", facts: { outcome: "right" } },
    {
      kind: "checked",
      line: {
        type: "checked",
        cell: cell.case,
        base: { outcome: "right" },
        head: { outcome: "right", pairs: 64 },
      },
    },
    { kind: "done" },
  ]);
});

test("a block loads its sides in the drawn order, measures its entries in theirs, and is done", async () => {
  const messages = await said(blockTask(), "");
  expect(messages.at(-1)).toMatchObject({ kind: "done", load: expect.any(Number) });
  const begun = messages.flatMap((one) =>
    one.kind === "begin" ? [`${one.cell ?? ""} ${one.side ?? ""}`] : [],
  );
  const { case: name } = cell;
  expect(begun).toEqual([
    ...[" base", " head", " base"],
    ...["yardstick head", "yardstick base", "yardstick "],
    ...[`${name} head`, `${name} base`, `${name} `],
    ...[`${name} base`, `${name} base`, `${name} `],
  ]);
  const entries = messages.flatMap((one) => (one.kind === "entry" ? [one.entry] : []));
  expect(entries.map(({ cell: of, against }) => [of, against])).toEqual([
    ["yardstick", "yardstick"],
    [name, "head"],
    [name, "twin"],
  ]);
  for (const { base_s, head_s, disturbed, base_min_s, head_min_s } of entries) {
    expect(base_s.length).toBeGreaterThanOrEqual(6);
    expect(head_s).toHaveLength(base_s.length);
    expect(base_min_s).toBeLessThanOrEqual(Math.min(...base_s));
    expect(head_min_s).toBeLessThanOrEqual(Math.min(...head_s));
    for (const index of disturbed) expect(index).toBeLessThan(base_s.length);
  }
  // Calls of 150 µs that head's pad doubles; the twin has none.
  expect(entries[1].base_min_s).toBeGreaterThanOrEqual(150e-6);
  expect(entries[1].head_min_s).toBeGreaterThanOrEqual(300e-6);
});

test("where nothing stands against a twin, it is not loaded", async () => {
  const [, entry] = blockTask().entries;
  const messages = await said(blockTask({ entries: [entry], first: "base" }), "");
  const loads = messages.flatMap((one) => (one.kind === "begin" && one.cell === null ? [one.side] : []));
  expect(loads).toEqual(["base", "head"]);
});

test("a side that is wrong in a block is named, and the block goes on", async () => {
  const messages = await said(blockTask(), "wrong");
  const wrong = messages.filter(({ kind }) => kind === "wrong");
  expect(wrong).toMatchObject([
    { cell: cell.case, side: "head", reason: expect.stringMatching(/^verification: /) },
    { cell: cell.case, side: "base" },
  ]);
  expect(messages.filter(({ kind }) => kind === "entry")).toHaveLength(1);
  expect(messages.at(-1)).toMatchObject({ kind: "done" });
});

test("code that cannot be loaded is lost, with the side", async () => {
  const messages = await said(checkTask(), "breaks");
  expect(messages).toMatchObject([
    { kind: "begin", side: "base" },
    {
      kind: "lost",
      side: "base",
      reason: expect.stringMatching(/moody.mjs: cannot be loaded, broken on purpose/),
    },
  ]);
  const there = checkTask();
  const head = { ...there.places.head, module: join(folder.path, "gone.mjs") };
  const task = { ...there, places: { ...there.places, head } };
  expect((await said(task, "")).at(-1)).toMatchObject({ kind: "lost", side: "head" });
});

test("a process that ends itself, or is ended, says how and its last words", async () => {
  expect((await said(checkTask(), "dies")).at(-1)).toEqual({
    kind: "ended",
    reason: "its process ended, code 7: a last word",
  });
  expect((await said(checkTask(), "is killed")).at(-1)).toEqual({
    kind: "ended",
    reason: "its process ended, killed by SIGKILL",
  });
});

/** Waits until a process is gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The process that hangs, once it does. */
async function hanging(): Promise<number> {
  const path = `${mood}.pid`;
  while (!existsSync(path) || readFileSync(path, "utf8") === "") {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Number(readFileSync(path, "utf8"));
}

test("a process that says nothing for longer than the patience is given up and ended", async () => {
  // As patient as this machine needs to start a process and load both sides.
  let messages: readonly (BlockMessage | Ended)[] = [];
  let patience = 2;
  for (; messages.length < 4; patience *= 4) messages = await said(checkTask(), "hangs", { patience });
  expect(messages.slice(-2)).toEqual([
    { kind: "begin", cell: cell.case, side: "base" },
    { kind: "ended", reason: `it said nothing for ${patience / 4} s` },
  ]);
  await gone(await hanging());
});

test("an interrupt ends a process at once, however busy it is, and one before the start as well", async () => {
  const controller = new AbortController();
  folder.write("mood.pid", "");
  const all = said(checkTask(), "hangs", { signal: controller.signal });
  const pid = await hanging();
  controller.abort();
  expect((await all).at(-1)).toEqual({ kind: "ended", reason: "interrupted" });
  await gone(pid);
  const after = await said(checkTask(), "", { signal: controller.signal });
  expect(after).toEqual([{ kind: "ended", reason: "interrupted" }]);
});

test("whoever stops listening ends the process", async () => {
  folder.write("mood.pid", "");
  folder.write("mood", "hangs");
  for await (const message of runProcess(checkTask(), 600, new AbortController().signal)) {
    if (message.kind === "begin" && message.cell !== null) {
      await hanging();
      break;
    }
  }
  await gone(await hanging());
});
