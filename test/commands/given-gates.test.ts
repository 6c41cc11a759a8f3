import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { readLines } from "../../src/record/read.ts";
import { floatBytes, npyHeader, rawNpy } from "../input/raw-files.ts";
import { type RawIntegers, rawGraph } from "../input/raw-graphs.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const TOKENS = 40;

/** A gate of each token, or of each of two channels. */
function gate(make: (at: number) => number, width = 1): RawIntegers {
  const values = Array.from({ length: TOKENS * width }, (_, at) => make(at));
  return { dtype: "F32", shape: [1, 1, TOKENS, width], values };
}

const decays = gate((at) => (at % 9 === 4 ? Number.NEGATIVE_INFINITY : -0.1 * (at % 5)));
const shares = gate((at) => (at % 5) / 4);
const steps = gate((at) => 0.01 * (1 + (at % 7)));

function file(name: string, tensors: Readonly<Record<string, RawIntegers>>): string {
  folder.write(name, rawGraph(TOKENS, tensors));
  return name;
}

async function applied(variant: string, input: string): Promise<{ stderr: string; out: number[] }> {
  const { code, stderr } = await commandLine(
    `apply ${variant} --causal --input ${input} --output out.safetensors`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  return { stderr, out: [...readTensor(findTensor(openSafetensors("out.safetensors"), "out"))] };
}

describe("gates in the file of an input", () => {
  test("take the place of those that a recurrence makes of k, and results say so", async () => {
    const input = file("gates.safetensors", { g: decays, beta: shares, dt: steps });
    const { code, stderr } = await commandLine(
      `run --causal --input ${input} --variants simple-gla,gated-delta,ssd,retention,full --rounds 2 --out gates.jsonl`,
    );
    expect(code).toBe(0);
    const { run } = readLines("gates.jsonl");
    const { cases } = run.plan;
    const told = cases.map(({ variant, given_gates }) => [variant, given_gates]);
    expect(Object.fromEntries(told)).toEqual({
      "simple-gla": ["g"],
      "gated-delta": ["g", "beta"],
      ssd: ["dt"],
      retention: undefined,
      full: undefined,
    });
    expect(cases.find(({ variant }) => variant === "gated-delta")?.case).toMatch(
      /\/b1h1n40d2\/causal\/gates=g\+beta$/,
    );
    expect(run.given_inputs).toEqual(expect.arrayContaining(["g", "beta", "dt"]));
    expect(stderr).toContain("input: g is no gate of ssd, retention, and is left alone there\n");
    expect(stderr).toContain(
      "input: dt is no gate of simple-gla, gated-delta, retention, and is left alone there\n",
    );
    const warned = stderr.split("\n").filter((line) => line.startsWith("warning: input:"));
    expect(warned.join()).not.toContain("full");
    const others = file("others.safetensors", { g: decays, beta: gate(() => 0.5), dt: steps });
    await commandLine(`run --causal --input ${others} --variants gated-delta --rounds 2 --out others.jsonl`);
    expect(readLines("others.jsonl").run.input_sha256).not.toBe(run.input_sha256);
  });

  test("decide the output: a decay of minus infinity forgets what came before", async () => {
    const gated = await applied("simple-gla", file("gates.safetensors", { g: decays }));
    const closed = await applied(
      "simple-gla",
      file("closed.safetensors", { g: gate(() => Number.NEGATIVE_INFINITY) }),
    );
    expect(gated.stderr).toBe("from the input: g\n");
    // The first token and those before which all is forgotten hold themselves alone.
    for (const token of [0, 4, 13, 22]) {
      for (const column of [0, 1]) {
        expect(gated.out[2 * token + column]).toBeCloseTo(closed.out[2 * token + column], 6);
      }
    }
    expect(gated.out[10]).not.toBeCloseTo(closed.out[10], 4);
  });

  test("may be one number a channel, whatever the variant makes itself", async () => {
    const each = file("channels.safetensors", { g: gate((at) => (at % 2 === 0 ? 0 : -1), 2) });
    const one = file("tokens.safetensors", { g: gate(() => 0) });
    const [channels, tokens] = [await applied("simple-gla", each), await applied("gla", one)];
    expect(channels.out).not.toEqual(tokens.out);
    expect((await applied("gla", each)).out).toEqual(channels.out);
  });

  test("that are missing beside others are made of k, and named", async () => {
    const { stderr } = await applied("kda", file("half.safetensors", { beta: shares }));
    expect(stderr).toContain("warning: input: it holds no g, which kda makes of k instead\n");
  });

  test("go along into decoding, token by token", async () => {
    const input = file("steps.safetensors", { g: decays, beta: shares });
    const { code, stdout } = await commandLine(
      `apply gated-delta --mode decode --input ${input} --output steps.out.safetensors`,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("g and beta of the input, token by token");
    const whole = await applied("gated-delta", input);
    const out = [...readTensor(findTensor(openSafetensors("steps.out.safetensors"), "out"))];
    for (const [at, value] of out.entries()) expect(value).toBeCloseTo(whole.out[at], 6);
  });

  test("may lie in a folder of .npy", async () => {
    mkdirSync("arrays");
    const shape = [1, 1, TOKENS, 2];
    for (const name of ["q", "k", "v"]) {
      const numbers = Array.from({ length: 2 * TOKENS }, (_, at) => Math.cos(at + name.charCodeAt(0)));
      folder.write(`arrays/${name}.npy`, rawNpy(npyHeader("<f4", shape), floatBytes(numbers)));
    }
    const header = npyHeader("<f4", [1, 1, TOKENS, 1]);
    folder.write("arrays/g.npy", rawNpy(header, floatBytes(decays.values)));
    expect((await applied("simple-gla", "arrays")).stderr).toBe("from the input: g\n");
  });
});

describe("a gate outside of its domain", () => {
  test.each([
    ["simple-gla", "g", 0.5, "a log of a decay, at most 0", 0.5],
    ["simple-gla", "g", Number.NaN, "a log of a decay, at most 0", Number.NaN],
    ["delta", "beta", 1.5, "from 0 to 1", 1.5],
    ["delta", "beta", -0.25, "from 0 to 1", -0.25],
    ["ssd", "dt", 0, "a time step, finite and above 0", 0],
    ["ssd", "dt", Number.POSITIVE_INFINITY, "a time step, finite and above 0", Number.POSITIVE_INFINITY],
  ])("is refused with its place: %s, %s of %s", async (variant, name, value, rule, told) => {
    const usual = { g: -1, beta: 0.5, dt: 0.5 }[name] ?? Number.NaN;
    const input = file("bad.safetensors", { [name]: gate((at) => (at === 7 ? value : usual)) });
    for (const words of [`run --out bad.jsonl --variants`, "apply --output bad.out.safetensors"]) {
      const { code, stderr } = await commandLine(`${words} ${variant} --causal --input ${input}`);
      expect(code).toBe(2);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(
        `bad.safetensors: ${name} must be ${rule}, got ${told} at batch 0, head 0, token 7, channel 0; correct it in the file`,
      );
    }
  });

  test("is left alone by what does not take it, and beyond the tokens that are asked for", async () => {
    const input = file("late.safetensors", { g: gate((at) => (at < 30 ? -1 : 1)) });
    const { code } = await commandLine(`apply full --causal --input ${input} --output late.out.safetensors`);
    expect(code).toBe(0);
    const short = await commandLine(
      `apply simple-gla --causal --length 20 --input ${input} --output late.out.safetensors`,
    );
    expect(short.code).toBe(0);
  });

  test("or of another shape, is refused in one line", async () => {
    const input = file("flat.safetensors", { g: { dtype: "F32", values: Array(TOKENS).fill(-1) } });
    const { code, stderr } = await commandLine(
      `apply simple-gla --causal --input ${input} --output flat.out.safetensors`,
    );
    expect(code).toBe(2);
    expect(stderr).toContain(
      "flat.safetensors: g must be [batch 1, kvHeads 1, length 40 or more, 1], got [40]; ",
    );
  });
});

describe("a plan whose input has lost a gate", () => {
  test("is refused on resuming", async () => {
    const input = file("lost.safetensors", { g: decays });
    await commandLine(`run --causal --input ${input} --variants simple-gla --rounds 2 --out lost.jsonl`);
    file("lost.safetensors", {});
    const { code, stderr } = await commandLine("run --resume lost.jsonl");
    expect(code).toBe(2);
    expect(stderr).toContain("plan: the input must have the gate g, got none; restore it, or plan anew");
  });
});
