import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLines } from "../../src/record/read.ts";
import { greyPng } from "../input/image/raw-png.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

folder.write(
  "a.png",
  greyPng(24, 10, (x, y) => (x * y) % 200),
);
folder.write("ring.txt", Array.from({ length: 20 }, (_, node) => `${node} ${(node + 1) % 20}`).join("\n"));

async function planned(words: string) {
  const { code, stdout, stderr } = await commandLine(`run ${words} --dry-run --json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  const { cases } = JSON.parse(stdout) as {
    cases: { variant: string; length: number; params: { width?: number }; unsupported: string | null }[];
  };
  return cases.map(({ variant, length, params, unsupported }) => [
    variant,
    length,
    params.width,
    unsupported === null,
  ]);
}

describe("a workload as the input of a run", () => {
  test("is told in one line before it is measured, and results say what was measured on", async () => {
    const { code, stderr } = await commandLine(
      "run --input image:a.png --variants full,axial --heads 2 --head-dim 8 --rounds 1 --out image.jsonl",
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/^image: 24 × 10 → 240 pixels × 3 → 1 × 2 heads of 8$/m);
    const { run } = readLines("image.jsonl");
    expect(run.plan.input).toBe("image:a.png");
    expect(run.input_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(run.plan.cases.map(({ variant, params }) => [variant, params])).toEqual([
      ["full", {}],
      ["axial", { width: 24, mode: "union" }],
    ]);
    const again = await commandLine("run --replay image.jsonl --rounds 1 --out again.jsonl");
    expect(again.code).toBe(2);
    expect((await commandLine("run --replay image.jsonl --out again.jsonl")).code).toBe(0);
    expect(readLines("again.jsonl").run.plan.cases).toEqual(run.plan.cases);
  });

  test("gives its width to variants over images, unless one is set, at lengths of whole rows", async () => {
    expect(await planned("--input image:a.png --variants axial,neighbourhood")).toEqual([
      ["axial", 240, 24, true],
      ["neighbourhood", 240, 24, true],
    ]);
    expect(
      await planned("--input image:a.png,patch=2 --variants neighbourhood,swin --set swin.width=5"),
    ).toEqual([
      ["neighbourhood", 60, 12, true],
      ["swin", 60, 5, true],
    ]);
    expect(await planned("--input image: --variants neighbourhood --lengths 512,600")).toEqual([
      ["neighbourhood", 512, 64, true],
      ["neighbourhood", 600, 64, false],
    ]);
    expect(await planned("--input image:a.png --variants axial --batch 3")).toEqual([
      ["axial", 72, 24, true],
    ]);
    expect(await planned("--input gaussian --variants axial --lengths 64")).toEqual([
      ["axial", 64, 64, true],
    ]);
    expect(await planned("--input image:a.png --curve axial.width=6..12 --variants axial")).toEqual([
      ["axial", 240, 6, true],
      ["axial", 240, 12, true],
    ]);
  });

  test("is attended over its own edges if it is a graph, of all its nodes", async () => {
    const { code, stdout } = await commandLine(
      "run --input graph:ring.txt --variants graph,gatv2,full --dry-run",
    );
    expect(code).toBe(0);
    expect(stdout).toContain("graph/wasm/b1h1n20d64/edges=60");
    expect(stdout).toMatch(/^graph: 20 nodes, 20 edges → 1 × 1 heads of 64$/m);
    expect(await commandLine("run --input graph:ring.txt --batch 2 --dry-run")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "--batch: the input is one graph, got 2 batch entries; omit the option",
      ),
    });
  });

  test("is refused in one line, with nothing written", async () => {
    folder.write("sound.wav", "PK\x03\x04".padEnd(60, "\0"));
    for (const command of [
      "run --input speech:sound.wav --out no.jsonl",
      "apply full --input speech:sound.wav --output no.safetensors",
    ]) {
      const { code, stderr } = await commandLine(command);
      expect(code).toBe(2);
      expect(stderr).toBe("attnbench: sound.wav: must be a WAV file, got a zip archive; unpack it first\n");
    }
    expect(existsSync("no.jsonl") || existsSync("no.safetensors")).toBe(false);
    expect(await commandLine("run --input speech: --tensors q,k,v --dry-run")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--tensors: names tensors of a file, got the input speech:; omit it"),
    });
    expect(await commandLine("run --input speech: --lengths 900 --dry-run")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--lengths: the input has 818 tokens for each batch entry, got 900"),
    });
  });
});

describe("a workload that a variant is applied to", () => {
  test("is told in one line, and as wide as it is", async () => {
    const { code, stderr, stdout } = await commandLine(
      "apply axial --input image:a.png --output out.safetensors --json",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr });
    expect(stderr).toMatch(/^image: 24 × 10 → 240 pixels × 3 → 1 × 1 heads of 64$/m);
    expect(JSON.parse(stdout)).toMatchObject({ params: { width: 24 }, shape: [1, 1, 240, 64] });
  });

  test("must not be lost under its output", async () => {
    folder.write("ring.safetensors", "1 2\n2 3\n");
    const { code, stderr } = await commandLine(
      "apply full --input graph:ring.safetensors --output ring.safetensors",
    );
    expect(code).toBe(2);
    expect(stderr).toContain("--output: must be a different file from the input");
  });
});
