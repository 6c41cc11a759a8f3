import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { readLines } from "../../src/record/read.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandHost } from "./hosted.ts";

const folder = scratchFolder();
const plugin = join(import.meta.dirname, "../plugin/device.ts");
const ended = commandHost(folder.path);
const NO_LIMIT = /kernel elsewhere computes elsewhere, where no speed limit is known/;

describe("a plug-in's kernel that computes elsewhere", () => {
  test("runs beside the others, goes on with --resume, and is reported", async () => {
    const words = `run --plugin ${plugin} --variants full,local --kernel js,elsewhere --lengths 16,32 --head-dim 8 --rounds 2 --out run.jsonl`;
    const run = await ended(words);
    expect([run.code, run.stderr]).toEqual([0, expect.not.stringMatching(/at .*\.ts:\d+/)]);
    const { lines } = readLines(join(folder.path, "run.jsonl"));
    const cases = lines.filter((line) => line.type === "case");
    const rounds = lines.filter((line) => line.type === "round");
    expect(cases.map(({ outcome, reason }) => [outcome, reason])).toEqual(Array(8).fill(["measured", null]));
    for (const { case: name, transfer_s } of rounds) {
      if (name.includes("elsewhere")) expect(transfer_s).toBeGreaterThan(0);
      else expect(transfer_s).toBeUndefined();
    }
    const told = cases.filter(({ kernel }) => kernel === "elsewhere");
    for (const { remarks } of told) expect(remarks?.join()).toMatch(NO_LIMIT);
    expect((await ended(`run --plugin ${plugin} --resume run.jsonl`)).code).toBe(0);
    expect((await ended("report run.jsonl --out report")).code).toBe(0);
  });

  test("is applied to tensors as js is", async () => {
    const outputs: Float32Array[] = [];
    for (const kernel of ["elsewhere", "js"]) {
      const words = `apply local --set window=3 --plugin ${plugin} --kernel ${kernel} --input gaussian --length 24 --head-dim 4 --output ${kernel}.safetensors`;
      const { code, stderr } = await ended(words);
      expect(code).toBe(0);
      if (kernel === "elsewhere") expect(stderr).toMatch(NO_LIMIT);
      outputs.push(
        Float32Array.from(
          readTensor(findTensor(openSafetensors(join(folder.path, `${kernel}.safetensors`)), "out")),
        ),
      );
    }
    for (const [at, value] of outputs[0].entries()) expect(value).toBeCloseTo(outputs[1][at], 5);
  });

  test("says why it cannot run here wherever it is asked to", async () => {
    const run = await ended(
      `run --plugin ${plugin} --variants full --kernel missing --lengths 16 --rounds 1 --out missing.jsonl`,
    );
    expect(run.code).not.toBe(0);
    expect(run.stderr + run.stdout).toMatch(/no device was found; plug one in/);
    // Beside others, too: it was named.
    const beside = await ended(
      `run --plugin ${plugin} --variants full --kernel js,missing --lengths 16 --rounds 1 --out beside.jsonl`,
    );
    expect([beside.code, beside.stderr]).toEqual([
      1,
      "attnbench: --kernel missing: no device was found; plug one in\n",
    ]);
    expect(existsSync(join(folder.path, "beside.jsonl"))).toBe(false);
    // Nobody asked for it.
    const unnamed = await ended(
      `run --plugin ${plugin} --variants full --lengths 16 --rounds 1 --out unnamed.jsonl`,
    );
    expect(unnamed.code).toBe(0);
    expect(unnamed.stderr).toMatch(/kernel missing cannot run here, no device was found; plug one in/);
    const apply = await ended(
      `apply full --plugin ${plugin} --kernel missing --input gaussian --length 8 --output no.safetensors`,
    );
    expect(apply.stderr).toMatch(/--kernel missing: no device was found; plug one in/);
  });
});
