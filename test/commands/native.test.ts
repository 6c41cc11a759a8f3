import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { describeNative } from "../kernels/native/here.ts";
import { commandLine } from "./command-line.ts";

const { ATTNBENCH_NATIVE: before } = process.env;

afterEach(() => {
  if (before === undefined) delete process.env.ATTNBENCH_NATIVE;
  else process.env.ATTNBENCH_NATIVE = before;
});

/** What a command line says where the family is told this of itself. */
async function told(setting: string, words: string) {
  process.env.ATTNBENCH_NATIVE = setting;
  const { code, stdout, stderr } = await commandLine(words);
  expect(code).toBe(0);
  return { stdout, stderr };
}

/** The kernels of the cases that are planned. */
async function planned(setting: string, words: string): Promise<readonly string[]> {
  const { stdout } = await told(setting, `run --dry-run --json --lengths 32 ${words}`);
  const { cases } = JSON.parse(stdout) as { cases: { variant: string; kernel: string }[] };
  return cases.map(({ variant, kernel }) => `${variant} by ${kernel}`);
}

describe("where machine code cannot run", () => {
  test("auto takes WebAssembly, and says why in one line if that could be changed", async () => {
    const { stderr } = await told("off", "run --dry-run --variants full --lengths 32");
    expect(stderr).toContain("kernel native cannot run here, ATTNBENCH_NATIVE switches it off");
    expect(stderr.match(/native/g)).toHaveLength(1);
    expect(await planned("off", "--variants full")).toEqual(["full by wasm"]);
  });

  test("auto takes WebAssembly without a word if the machine is not one that it is written for", async () => {
    const { stderr } = await told("no-avx512", "run --dry-run --variants full --lengths 32");
    expect(stderr).not.toMatch(/native/);
    expect(await planned("no-avx512", "--variants full")).toEqual(["full by wasm"]);
  });

  test("the list of kernels says why", async () => {
    const { stdout } = await told("off", "list --kernel native");
    expect(stdout).toBe("native  AVX-512 machine code: ATTNBENCH_NATIVE switches it off\n");
  });

  test("a case that nothing supports is refused in the words of the family that runs anywhere", async () => {
    process.env.ATTNBENCH_NATIVE = "no-avx512";
    const { stdout, stderr } = await commandLine(
      "run --dry-run --variants full --lengths 32 --head-dim 100000",
    );
    expect(`${stdout}${stderr}`).not.toMatch(/avx512/);
  });
});

test("the listing of a kernel is of one that generates code", async () => {
  const { code, stderr } = await commandLine("list --kernel js --debug");
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/kernel js generates no machine code/);
});

describeNative("where machine code runs", () => {
  test("auto takes it, and what it does not take is compared with full attention by the kernel that does", async () => {
    expect(await planned("", "--variants full,lstm --causal")).toEqual([
      "full by native",
      "lstm by wasm",
      "full by wasm",
    ]);
    expect(await planned("", "--variants full,local")).toEqual(["full by native", "local by native"]);
  });

  test("a build of WebAssembly that is asked for is what auto takes", async () => {
    expect(await planned("", "--variants full,local --simd plain")).toEqual([
      "full by wasm",
      "local by wasm",
    ]);
    expect(await planned("", "--variants full --simd plain --kernel native")).toEqual(["full by native"]);
  });
});
