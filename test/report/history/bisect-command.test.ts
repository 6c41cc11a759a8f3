import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bisectOptions } from "../../../src/commands/words/options.ts";
import { bisectCommand, bisectWords } from "../../../src/report/history/bisect-command.ts";
import { commandLine } from "../../commands/command-line.ts";

/** The cells that a run of these words plans. */
async function planned(words: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await commandLine(["run", ...words, "--dry-run"]);
  expect([code, stderr]).toEqual([0, ""]);
  return [...stdout.matchAll(/^(\S+\/b\d\S*)/gm)].map(([, name]) => name);
}

/** Words as a shell takes them, without the patterns that choose among what is planned. */
function planOf(words: readonly string[]): readonly string[] {
  const at = words.indexOf("--cells");
  return words.slice(0, at).map((word) => word.replaceAll("'", ""));
}

describe("the words of a bisection", () => {
  test("plan the cells whose names they are from, with their parameters, settings and mode", async () => {
    const choices = fc.record({
      variants: fc.subarray(["bigbird", "longnet", "linear", "local"], { minLength: 1 }),
      lengths: fc.subarray(["256", "320"], { minLength: 1 }),
      // Decoding, and all of js, is of one thread.
      how: fc.constantFrom(
        ...[
          ["js", "forward", "1"],
          ["js", "decode", "1"],
          ["wasm", "backward", "1"],
          ["wasm", "forward", "2"],
        ],
      ),
      heads: fc.constantFrom(1, 2),
      dim: fc.constantFrom(32, 64),
      causal: fc.constantFrom([], ["--causal"]),
      window: fc.constantFrom([], ["--set", "local.window=32"]),
    });
    // What a first plan loads is no part of the time that a property may take.
    await planned(["--variants", "full", "--lengths", "256"]);
    await fc.assert(
      fc.asyncProperty(choices, async (one) => {
        const [kernel, mode, threads] = one.how;
        const typed = [
          ...["--variants", one.variants.join(), "--lengths", one.lengths.join(), "--kernel", kernel],
          ...["--heads", `${one.heads}`, "--head-dim", `${one.dim}`, "--mode", mode, ...one.causal],
          ...["--threads", threads, ...(one.variants.includes("local") ? one.window : [])],
        ];
        const names = (await planned(typed)).slice(0, 5);
        expect(names.length).toBeGreaterThan(0);
        const words = bisectWords(names);
        expect(await planned(planOf(words))).toEqual(expect.arrayContaining([...names]));
        expect(words.filter((word) => word === "--cells")).toHaveLength(names.length);
      }),
      { numRuns: 12 },
    );
  });

  test("are options that a bisection has, and quoted for a shell", () => {
    const words = bisectWords(["local(window=8)/js/b2h3n64d8/causal/t2", "full/wasm/b2h3n128d8/causal/t2"]);
    for (const word of words.filter((one) => one.startsWith("--"))) {
      expect(bisectOptions).toHaveProperty(word.slice(2));
    }
    expect(words.join(" ")).toBe(
      "--variants local,full --lengths 64,128 --kernel js,wasm --batch 2 --heads 3 --head-dim 8 --causal --threads 2 " +
        "--set local.window=8 --cells 'local(window=8)/js/b2h3n64d8/causal/t2' --cells full/wasm/b2h3n128d8/causal/t2",
    );
  });

  test("are of the first cell, and of what one plan has with it", () => {
    const names = [
      "local(window=8)/js/b1h1n8d64",
      "local(window=9)/js/b1h1n8d64",
      "full/js/b1h1n8d64/causal",
    ];
    expect(bisectWords(names).filter((word) => word.includes("/js/"))).toEqual([`'${names[0]}'`]);
    const many = Array.from({ length: 9 }, (_, index) => `full/js/b1h1n${index + 1}d64`);
    expect(bisectWords(many).filter((word) => word.includes("/js/"))).toEqual(many.slice(0, 5));
  });

  test("are none where a name says more than they can", () => {
    expect(
      bisectWords(["full/js/b1h1n8d64/input=text:", "cell-0/js", "full/js/b1h1n8d64/recompute"]),
    ).toEqual([]);
    expect(bisectCommand({ good: "a".repeat(40), bad: "b".repeat(40), changes: [] })).toBe(
      "attnbench bisect --good aaaaaaaaaaaa --bad bbbbbbbbbbbb",
    );
  });
});
