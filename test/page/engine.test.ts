import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOCK_STEPS } from "../../src/core/clock-steps.ts";
import { openBuild } from "../../src/kernels/wasm/build.ts";
import { bundledEngine } from "../../src/page/bundle/bundled-engine.ts";
import type { PageChoices } from "../../src/page/choices.ts";
import type { EngineTells, PageAsks } from "../../src/page/protocol.ts";
import { summarize } from "../../src/record/case-row.ts";
import { readLines } from "../../src/record/read.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { variants } from "../../variants/index.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { webWorker } from "./web-worker.ts";

const scratch = scratchFolder();
const told: EngineTells[] = [];
let engine: Worker;
beforeAll(async () => {
  engine = webWorker(await bundledEngine());
  engine.on("message", (one: EngineTells) => told.push(one));
});
afterAll(() => engine.terminate());

const ask = (asked: PageAsks): void => engine.postMessage(asked);

/** Waits for something of this kind, and gives everything that was told until then. */
async function until(...kinds: EngineTells["tell"][]): Promise<EngineTells[]> {
  while (!told.some(({ tell }) => kinds.includes(tell))) await once(engine, "message");
  return told.splice(0);
}

async function run(choices: PageChoices): Promise<EngineTells[]> {
  ask({ ask: "run", choices });
  return until("ended", "refused", "failed");
}

const linesOf = (all: readonly EngineTells[]): ResultLine[] =>
  all.flatMap((one) => (one.tell === "line" ? [one.line] : []));

const SMALL: PageChoices = { variants: ["full", "linear"], lengths: [64], rounds: 2 };

describe("the page's engine, in a worker that has nothing of Node", () => {
  it("offers every variant, and each kernel with the build that it runs or why it cannot", async () => {
    ask({ ask: "describe" });
    const [answer] = await until("ready", "failed");
    expect(answer.tell).toBe("ready");
    if (answer.tell !== "ready") return;
    const { offer } = answer;
    expect(offer.variants.map(({ id }) => id)).toEqual(variants.map(({ id }) => id));
    expect(offer.variants.filter(({ usual }) => usual).map(({ id }) => id)).toContain("longformer");
    const wasm = offer.kernels.find(({ id }) => id === "wasm");
    expect(wasm?.why).toBeNull();
    const [name] = wasm?.details?.split(" ") ?? [];
    const build = openBuild(name as "plain");
    // Its own hash is Node's, and no flag of V8 is told.
    expect(typeof build === "string" ? build : build.details.split(",")[0]).toBe(wasm?.details);
    expect(offer.kernels.find(({ id }) => id === "webgpu")?.why).toMatch(/^this browser has no WebGPU/);
    expect(offer.lacks).toEqual([
      expect.stringMatching(/^threads share memory/),
      expect.stringMatching(/^a finer clock/),
    ]);
    expect(offer.clock.step_s).toBeCloseTo(1e-4, 9);
    expect(offer.clock.leastSlot_s).toBeGreaterThanOrEqual(CLOCK_STEPS * offer.clock.step_s);
  });

  it("measures what is chosen, verified, in lines that are read like those of any run", async () => {
    const all = await run({ ...SMALL, kernels: ["wasm", "js"] });
    expect(all.at(-1)).toEqual({ tell: "ended", stopped: false });
    const lines = linesOf(all);
    const path = scratch.write("page.jsonl", lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { run: head, lines: others } = readLines(path);
    const { rows } = summarize("page", head, others);
    expect(rows).toHaveLength(4);
    expect(rows.filter(({ outcome }) => outcome !== "measured")).toEqual([]);
    expect(rows.every(({ rounds }) => rounds === 2)).toBe(true);
    expect(head.environment).toMatchObject({ node: null, v8: null, load: null, steal: null });
    expect(head.environment.browser).toMatchObject({ isolated: false });
    expect(head.environment.ceilings?.map(({ build }) => build).toSorted()).toEqual([
      "plain",
      "relaxed",
      "wide",
    ]);
  });

  it("times calls together for a hundred steps of the clock, also those that go through a window", async () => {
    const [forward, decode] = [
      await run(SMALL),
      await run({ variants: ["full"], lengths: [512], rounds: 1, mode: "decode" }),
    ];
    const rounds = linesOf([...forward, ...decode]).filter((line) => line.type === "round");
    expect(rounds.length).toBeGreaterThanOrEqual(6);
    for (const { samples, calls, ...told } of rounds) {
      expect(Math.min(...samples) * calls).toBeGreaterThanOrEqual(CLOCK_STEPS * 1e-4 * (1 - 1e-9));
      // Nothing tells them here.
      expect(told).toMatchObject({ load: null, steal: null, involuntary_switches: null });
      expect(Object.keys(told)).not.toContain("processor_s");
      expect(Object.keys(told)).not.toContain("waited_s");
    }
  });

  it("stops between calls, and runs anew after it", async () => {
    ask({ ask: "run", choices: { ...SMALL, rounds: 10_000, budget: "1h" } });
    const begun = await until("line");
    ask({ ask: "run", choices: SMALL });
    const second = await until("refused");
    ask({ ask: "stop" });
    const ended = await until("ended");
    expect(second.find(({ tell }) => tell === "refused")).toMatchObject({
      why: expect.stringMatching(/^run: one at a time/),
    });
    expect(ended.at(-1)).toEqual({ tell: "ended", stopped: true });
    expect(linesOf(begun)[0].type).toBe("run");
    const again = await run(SMALL);
    expect(again.at(-1)).toEqual({ tell: "ended", stopped: false });
    expect(linesOf(again).filter(({ type }) => type === "run")).toHaveLength(1);
  });

  it.each<[string, object, RegExp]>([
    ["a variant that is not", { variants: ["nosuch"] }, /^unknown variant 'nosuch'; expected one of /],
    [
      "a kernel of another place",
      { kernels: ["torch"] },
      /^unknown kernel in a browser 'torch'; expected one of auto, wasm, js/,
    ],
    ["no kernel", { kernels: [] }, /^--kernel: must name something/],
    ["lengths that are none", { lengths: "0..x" }, /^--lengths: /],
    ["a width that is none", { headDim: 0 }, /^--head-dim: /],
    [
      "a file",
      { input: "a.npz" },
      /^--input: in a browser it must be one of gaussian, peaked, local, got 'a.npz'; /,
    ],
    ["a choice that there is not", { layer: true }, /^unknown choice 'layer'; expected one of variants, /],
    [
      "threads without an isolated page",
      { threads: 2 },
      /threads share memory, which a browser allows only to an isolated page/,
    ],
  ])("refuses %s in one line, and measures nothing", async (_what, choices, why) => {
    const all = await run({ ...SMALL, ...choices });
    expect(all.map(({ tell }) => tell)).toEqual(["refused"]);
    const [refused] = all;
    expect(refused.tell === "refused" && refused.why).toMatch(why);
    expect(refused.tell === "refused" && refused.why).not.toContain("\n");
  });
});
