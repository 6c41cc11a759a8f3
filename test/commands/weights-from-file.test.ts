import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floatBytes, rawSafetensors } from "../input/raw-files.ts";
import { type RawIntegers, rawGraph } from "../input/raw-graphs.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const TOKENS = 40;

async function refused(words: string, tensors: Readonly<Record<string, RawIntegers>>): Promise<string> {
  folder.write("weights.safetensors", rawGraph(TOKENS, tensors));
  const { code, stderr } = await commandLine(
    `apply ${words} --input weights.safetensors --output weights.out.safetensors`,
  );
  expect(code).toBe(2);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  return stderr.trim();
}

const floats = (shape: number[], values: number[]): RawIntegers => ({ dtype: "F32", shape, values });

describe("weights in the file of an input that are outside of their domain are refused with their place", () => {
  test.each([-1, 2.5, 2 * TOKENS, Number.NaN].map((bad) => [bad]))("centres of routing: %s", async (bad) => {
    const said = await refused("routing --set clusters=4", {
      "routing.centres": floats([1, 1, 4], [0, 1, bad, 79]),
    });
    expect(said).toContain(
      `routing.centres must be the number of a query, 0 … N-1, or of a key, N … 2N-1, got ${bad} at head 0`,
    );
  });

  test.each([-0.5, 0, Number.NaN, Number.POSITIVE_INFINITY].map((bad) => [bad]))(
    "the rate A of a decay: %s",
    async (bad) => {
      const said = await refused("ssd --causal", { "ssd.gate": floats([1, 1, 4], [0.1, 0.2, bad, -3]) });
      expect(said).toContain(
        `ssd.gate must be rows of w, A and b, with A finite and above 0, got ${bad} at head 0`,
      );
    },
  );
});

test("what would take hours is refused by its parameter", async () => {
  for (const [variant, name] of [
    ["sinkhorn", "iterations"],
    ["reformer", "rounds"],
  ]) {
    const { code, stderr } = await commandLine(
      `apply ${variant} --set ${name}=100000 --input gaussian --length 64 --output many.safetensors`,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^attnbench: ${variant}\\.${name} must be an integer from 1 to 1000 .*, got 100000\\n$`),
    );
  }
});

test("a flag is also written as 0 or 1", async () => {
  const { code, stdout } = await commandLine("show reformer --set factored=0 --length 8 --format json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ params: { factored: false } });
});

test("NSA says that it takes no heads that share keys", async () => {
  const { code, stderr } = await commandLine(
    "apply nsa --causal --input gaussian --length 64 --heads 2 --kv-heads 1 --output shared.safetensors",
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/as many heads as q, got 1 for 2\n$/);
});

test("numbers that float32 cannot hold prove nothing, and no kernel is blamed for them", async () => {
  const count = TOKENS * 2;
  const usual = Array.from({ length: count }, (_, at) => Math.sin(at + 1));
  const numbers = [...usual, ...usual, ...usual.map((x) => 3e38 * x)];
  const header = ["q", "k", "v"].map((name, at) => {
    const offsets = [4 * count * at, 4 * count * (at + 1)];
    return [name, { dtype: "F32", shape: [1, 1, TOKENS, 2], data_offsets: offsets }];
  });
  folder.write("huge.safetensors", rawSafetensors(Object.fromEntries(header), floatBytes(numbers)));
  const { code, stderr } = await commandLine(
    "apply retention --causal --scale 100 --input huge.safetensors --output huge.out.safetensors",
  );
  expect([code, stderr]).toEqual([3, expect.stringContaining("nothing could be proven")]);
});
