import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { BlockMessage, BlockTask } from "../../../src/gate/block/block-task.ts";
import { measureBlock } from "../../../src/gate/block/measure-block.ts";
import type { BlockEntry } from "../../../src/record/schema/block-lines.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { smallCell } from "../stand-in.ts";

const folder = scratchFolder();
const root = resolve(import.meta.dirname, "../../..");
const js = pathToFileURL(join(root, "src/kernels/js/index.ts")).href;

/** The usual call takes so long at least by the clock, on a fast machine and on a slow one. */
const LEAST_S = 200e-6;

/** A plug-in of which a fifth of the calls, in any row of them, takes so many times as long. */
function module(name: string, times: number): string {
  return folder.write(
    name,
    `
import { js } from ${JSON.stringify(js)};
let calls = 0;
const spin = (seconds) => { for (const end = performance.now() + 1e3 * seconds; performance.now() < end; ); };
export const kernels = [{
  id: "costly", title: "costly", supports: (task) => js.supports(task),
  prepare(problem, output) {
    const runnable = js.prepare(problem, output);
    // By multiples of the golden ratio: no number of calls in a slot keeps step with them.
    const run = () => { runnable.run(); spin(${LEAST_S} * ((++calls * 0.618034) % 1 < 0.2 ? ${times} : 1)); };
    return { ...runnable, run };
  },
}];
`,
  );
}

test("a cost on few calls stands in the means of a block's slots, which hold a number for each pair", async () => {
  const [base, head] = [module("base.mjs", 1), module("head.mjs", 9)];
  const cell = smallCell({ kernel: "costly", case: "full/costly" });
  const task: BlockTask = {
    kind: "block",
    places: {
      base: { root, module: base, name: "base" },
      head: { root, module: head, name: "head" },
      twin: { root, module: base, name: "base" },
    },
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
  const said: BlockMessage[] = [];
  await measureBlock(task, async (message) => void said.push(message));
  const entries = said.flatMap((message): BlockEntry[] => (message.kind === "entry" ? [message.entry] : []));
  expect(entries).toHaveLength(1);
  const [{ base_s, means, base_min_s }] = entries;
  if (means === undefined) throw new Error("a block holds means");
  for (const list of [means.base_s, means.head_s, means.base_waited_s, means.head_waited_s]) {
    expect(list).toHaveLength(base_s.length);
  }
  expect(base_min_s).toBeGreaterThanOrEqual(LEAST_S * 0.99);
  expect(means.calls).toBeGreaterThanOrEqual(1);
  // A fifth of the calls takes nine times as long: 2.6 times the usual, or half of that where luck has it.
  const mean = means.head_s.reduce((sum, one) => sum + one, 0) / means.head_s.length;
  expect(mean).toBeGreaterThan(1.8 * LEAST_S);
});
