import { existsSync, linkSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { floatBytes, npyHeader, rawNpy, rawSafetensors } from "../input/raw-files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { goldenFailure } from "../kernels/golden-cases.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const place = (name: string): string => join(folder.path, name);
const out = place("out.safetensors");

interface GoldenCase {
  output: string;
  variant: string;
  params: Record<string, number>;
  causal: boolean;
  pairs_per_head?: number;
}

const golden = ["small", "odd", "peaked", "one-token"].flatMap((name) => {
  const file = join(import.meta.dirname, `../golden/${name}`);
  const { cases } = JSON.parse(readFileSync(`${file}.json`, "utf8")) as { cases: GoldenCase[] };
  return cases.map((one) => ({ ...one, title: `${name}: ${one.output}`, file: `${file}.safetensors` }));
});

describe("the output on what PyTorch computed in float64", () => {
  test.each(golden)("$title is within the budget, on as many pairs", async (one) => {
    const settings = Object.entries(one.params).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const causal = one.causal ? ["--causal"] : [];
    const words = [
      "apply",
      one.variant,
      "--input",
      one.file,
      "--output",
      out,
      "--json",
      ...settings,
      ...causal,
    ];
    const { code, stdout, stderr } = await commandLine(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const told = JSON.parse(stdout);
    expect(told.gate_error).toBeLessThanOrEqual(told.gate_budget);
    const written = findTensor(openSafetensors(out), "out");
    const expected = findTensor(openSafetensors(one.file), one.output);
    expect(written).toMatchObject({ format: "F32", shape: expected.shape });
    expect(goldenFailure(one.title, readTensor(written))).toBeNull();
    expect(told.pairs).toBe(one.pairs_per_head ?? null);
  });
});

const length = 24;
const headDim = 4;
const values = Array.from({ length: length * headDim }, (_, at) => Math.sin(at));

/** q, k and v of one head; `plant` puts values in, by their place. */
function captured(plant: Partial<Record<"q" | "k" | "v", Record<number, number>>> = {}): Uint8Array {
  const bytes = length * headDim * 4;
  const names = ["q", "k", "v"] as const;
  const header = Object.fromEntries(
    names.map((name, at) => [
      name,
      { dtype: "F32", shape: [1, 1, length, headDim], data_offsets: [at * bytes, (at + 1) * bytes] },
    ]),
  );
  const tensors = names.map((name) => floatBytes(Object.assign([...values], plant[name])));
  return rawSafetensors(header, Buffer.concat(tensors));
}

test("where gradients are taken along a dout that the input does not hold, apply says that it is drawn", async () => {
  const input = folder.write("no-dout.safetensors", captured());
  const { code, stdout, stderr } = await commandLine(
    `apply full --mode backward --input ${input} --output ${out}`,
  );
  expect(code).toBe(0);
  expect(stderr).toContain("it holds no dout, along which gradients are taken, and which is drawn instead");
  expect(stdout).toContain("no fidelity error: gradients approximate nothing");
});

test("the plain words say what was computed, how right it is and where it lies", async () => {
  const input = folder.write("plain.safetensors", captured());
  const { code, stdout } = await commandLine(`apply local --set window=2 --input ${input} --output ${out}`);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toBe(`local by wasm on file:${input} [1, 1, 24, 4]`);
  expect(lines[1]).toBe("pairs 114 per head, 114 in all");
  expect(lines[2]).toMatch(/^verification error \S+ of \S+ allowed, over 24 rows$/);
  expect(lines[3]).toMatch(
    /^fidelity error \S+, the relative distance to full attention; the mean of v has 0\.\d+$/,
  );
  expect(lines[4]).toBe(`wrote ${out}`);
});

test("a shorter length takes the first tokens only", async () => {
  const input = folder.write("cut.safetensors", captured());
  // This kernel adds up the keys of a row in the same order whatever follows.
  await commandLine(`apply full --causal --kernel js --input ${input} --output ${out}`);
  const whole = readTensor(findTensor(openSafetensors(out), "out"));
  await commandLine(`apply full --causal --kernel js --length 7 --input ${input} --output ${out}`);
  const cut = findTensor(openSafetensors(out), "out");
  expect(cut.shape).toEqual([1, 1, 7, headDim]);
  expect(readTensor(cut)).toEqual(whole.subarray(0, 7 * headDim));
});

describe.each(["full", "local --set window=2", "global --set tokens=1", "linear", "linear --causal"])(
  "numbers that are not finite, given to %s,",
  (words) => {
    test.each([
      ["a NaN key", { k: { [5 * headDim]: Number.NaN } }, "k holds 1 non-finite value at [0, 0, 5, 0]"],
      [
        "an infinite value",
        { v: { 9: Number.POSITIVE_INFINITY } },
        "v holds 1 non-finite value at [0, 0, 2, 1]",
      ],
    ])("warn of %s and give what the reference gives", async (_, plant, says) => {
      const input = folder.write("planted.safetensors", captured(plant));
      const { code, stderr } = await commandLine(`apply ${words} --input ${input} --output ${out}`);
      // A NaN key makes NaN of every row that attends it: where these are nearly all, right and wrong look alike.
      if (says.startsWith("k") && /^(full|linear)/.test(words)) {
        expect(code).toBe(3);
        expect(stderr).toMatch(
          /nothing could be proven: \d+ of 24 checked rows .* no number .*; nothing was written$/m,
        );
        return;
      }
      expect({ code, stderr }).toEqual({ code: 0, stderr: `warning: ${says}\n` });
      const [, ...rest] = readTensor(findTensor(openSafetensors(out), "out"));
      if (words.startsWith("local")) expect(rest.slice(9 * headDim).every(Number.isFinite)).toBe(true);
    });
  },
);

describe("the input is never lost", () => {
  const text = `${"words and more words ".repeat(20)}\n`;
  const npy = rawNpy(npyHeader("<f4", [1, 1, length, headDim]), floatBytes(values));

  test.each(["itself", "itself through a link", "through a link to it"])("as output %s", async (way) => {
    const input = folder.write(`${way.length}.safetensors`, captured());
    const link = place(`link-${way.length}.safetensors`);
    symlinkSync(input, link);
    const from = way === "through a link to it" ? link : input;
    const to = way === "itself through a link" ? link : input;
    const { code, stderr } = await commandLine(`apply local --input ${from} --output ${to}`);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/must be a different file/),
    });
    expect(new Uint8Array(readFileSync(input))).toEqual(new Uint8Array(captured()));
  });

  test("nor a text, nor a file of a folder of arrays", async () => {
    const words = folder.write("words.txt", text);
    for (const name of ["q.npy", "k.npy", "v.npy"]) folder.write(name, npy);
    const runs = [
      `--input text:${words} --output ${words}`,
      `--input ${folder.path} --output ${place("k.npy")}`,
    ];
    for (const run of runs) {
      const { code, stderr } = await commandLine(`apply local ${run}`);
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/must be a different file/),
      });
    }
    expect(readFileSync(words, "utf8")).toBe(text);
    expect(readFileSync(place("k.npy"))).toEqual(Buffer.from(npy));
  });

  test("while another name of the same file may be replaced, which leaves the input", async () => {
    const input = folder.write("hard.safetensors", captured());
    linkSync(input, place("other-name.safetensors"));
    await commandLine(`apply local --input ${input} --output ${out}`);
    expect(new Uint8Array(readFileSync(input))).toEqual(new Uint8Array(captured()));
  });
});

describe("what cannot be done is one line and leaves no output", () => {
  const input = folder.write("input.safetensors", captured());
  const to = place("never.safetensors");
  test.each<[string, number, RegExp]>([
    [
      `local --input ${input} --output ${place("missing/x.safetensors")}`,
      1,
      /its folder does not exist; create it first/,
    ],
    [`local --input ${input} --output ${folder.path}`, 2, /must be a (regular )?file/],
    [`local --input ${input} --output /dev/full`, 2, /must be a (regular )?file/],
    [`local --input ${input} --output ${to} --length 25`, 2, /--length: the input has 24 tokens, got 25/],
    [`local --input ${input} --output ${to} --length 8..16`, 2, /--length: a length must be a whole number/],
    [
      `local --input ${input} --output ${to} --heads 2`,
      2,
      /--heads: the input has 1, got 2; omit the option/,
    ],
    [`local --input ${input} --output ${to} --batch 2`, 2, /--batch: the input has 1, got 2/],
    [`local --input ${input} --output ${to} --head-dim 5`, 2, /--head-dim: the input has 4, got 5/],
    [
      `local --input ${input} --output ${to} --kernel js-recurrent`,
      2,
      /--kernel js-recurrent: only feature maps/,
    ],
    [`linear --input ${input} --output ${to} --kernel js-recurrent`, 2, /the recurrent form is causal/],
    [`local --input gaussian --output ${to}`, 2, /has no length of its own; give one/],
    [
      `local --input ${input} --input ${input} --output ${to}`,
      2,
      /--input: must be given once, got 2 values/,
    ],
  ])("%s", async (words, code, says) => {
    const before = readdirSync(folder.path);
    const outcome = await commandLine(`apply ${words}`);
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect(outcome).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(says) });
    expect(existsSync(to)).toBe(false);
    expect(readdirSync(folder.path)).toEqual(before);
  });
});
