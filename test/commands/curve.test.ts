import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLines, readResults } from "../../src/record/read.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { csvRows } from "../record/csv-rows.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

describe("run --curve", () => {
  test("measures each value as a case, says what errors are worth, and reports the curve", async () => {
    const run =
      "run --curve local.window=1..32 --lengths 32 --head-dim 8 --rounds 1 --out curve.jsonl --report";
    const { code, stderr } = await commandLine(run);
    expect(stderr).not.toMatch(/attnbench:/);
    expect(code).toBe(0);
    const { rows } = readResults("curve.jsonl", "curve.jsonl");
    expect(rows.map(({ variant, params }) => `${variant} ${params.window ?? ""}`).sort()).toEqual(
      ["full ", ...[1, 2, 4, 8, 16, 32].map((window) => `local ${window}`)].sort(),
    );
    const [whole] = rows.filter(({ params }) => params.window === 32);
    expect(whole.fidelity_error).toBeLessThan(1e-5);
    // The mean of v over the same rows of the same input is the same for all.
    const means = new Set(rows.map((row) => row.mean_fidelity_error));
    expect(means.size).toBe(1);
    expect([...means][0]).toBeGreaterThan(0.5);
    const table = csvRows(readFileSync("curve.csv", "utf8"));
    expect(new Set(table.map((row) => Number(row.mean_fidelity_error)))).toEqual(means);
    for (const chart of ["curve-error", "curve-time", "curve-trade"]) {
      expect(existsSync(`reports/curve/${chart}.svg`)).toBe(true);
    }
    const page = readFileSync("reports/curve/index.html", "utf8");
    expect(page).toContain("What a parameter costs and brings");
    expect(page).toContain('<span class="gain">worse than the mean of v</span>');
    expect(readFileSync("reports/curve/summary.md", "utf8")).toMatch(
      /local · window from 1 to 32 at 32: .*mean of v/,
    );
  });

  test("is resumed where it was cut off, with nothing but its file", async () => {
    await commandLine("run --curve local.window=2..4 --lengths 16 --rounds 2 --out cut.jsonl");
    const whole = readFileSync("cut.jsonl", "utf8").split("\n");
    const kept = readLines("cut.jsonl");
    writeFileSync("cut.jsonl", `${whole.slice(0, 3).join("\n")}\n`);
    expect((await commandLine("run --resume cut.jsonl --curve local.window=2..4")).stderr).toBe(
      "attnbench: --curve: the plan comes from the file and cannot be changed; omit the option\n",
    );
    expect((await commandLine("run --resume cut.jsonl")).code).toBe(0);
    const again = readLines("cut.jsonl");
    expect(again.run.plan).toEqual(kept.run.plan);
    const keys = ({ lines }: typeof kept) =>
      lines.map((line) => `${line.case} ${line.type === "round" ? line.round : ""}`).sort();
    expect(keys(again)).toEqual(keys(kept));
  });

  test("comes from a file of options as well, as a list", async () => {
    writeFileSync(
      "options.json",
      JSON.stringify({ curve: ["local.window=2,4", "bigbird.random=1..2"], lengths: [64] }),
    );
    const { stdout } = await commandLine("run --config options.json --dry-run");
    expect(stdout.match(/^(full|local|bigbird)/gm)).toEqual(["full", "local", "local", "bigbird", "bigbird"]);
  });

  test.each(["gate --base . --head .", "calibrate", "check local"])("is no option of %s", async (words) => {
    const { code, stderr } = await commandLine(`${words} --curve local.window=1..4`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/unknown option of \w+ '--curve'/);
  });
});

test("apply says where an output is worse than the mean of v", async () => {
  const { stdout } = await commandLine(
    "apply local --set window=1 --input gaussian --length 128 --heads 1 --output out.safetensors",
  );
  expect(stdout).toMatch(
    /^fidelity error \d\S+, the relative distance to full attention; the mean of v has 0\.\d+: on this input it is worse than that$/m,
  );
  const told = await commandLine(
    "apply local --set window=1 --input gaussian --length 128 --heads 1 --output out.safetensors --json",
  );
  const { fidelity_error, mean_fidelity_error } = JSON.parse(told.stdout);
  expect(fidelity_error).toBeGreaterThan(mean_fidelity_error);
});

test("apply says what else than full attention an error is against, in words and as JSON", async () => {
  const call = "apply rfa --input gaussian --length 64 --heads 1 --head-dim 16 --output out.safetensors";
  const { stdout } = await commandLine(call);
  expect(stdout).toContain(", the relative distance to full attention of q and k of length 1 at τ = 1;");
  const told = await commandLine(`${call} --json`);
  expect(JSON.parse(told.stdout).fidelity_against).toBe("full attention of q and k of length 1 at τ = 1");
});

test("the curve of Nyströmformer's landmarks reaches full attention where every token is one", async () => {
  const run =
    "run --curve nystrom.landmarks=4..64 --lengths 64 --head-dim 16 --rounds 1 --out landmarks.jsonl";
  expect((await commandLine(run)).code).toBe(0);
  const errors = new Map(
    readResults("landmarks.jsonl", "landmarks.jsonl")
      .rows.filter(({ variant }) => variant === "nystrom")
      .map(({ params, fidelity_error }) => [params.landmarks, fidelity_error ?? Number.NaN]),
  );
  expect([...errors.keys()].sort((a, b) => Number(a) - Number(b))).toEqual([4, 8, 16, 32, 64]);
  expect(errors.get(4)).toBeGreaterThan(0.3);
  expect(errors.get(64)).toBeLessThan(1e-5);
});

test("what rfa approximates is attention of unit queries and keys, and its mean of v is held against that", async () => {
  const run = "run --variants full,rfa,fnet --lengths 64 --head-dim 16 --rounds 1 --out yardsticks.jsonl";
  expect((await commandLine(run)).code).toBe(0);
  const { rows } = readResults("yardsticks.jsonl", "yardsticks.jsonl");
  const of = (id: string) => rows.find(({ variant }) => variant === id);
  expect(of("rfa")?.mean_fidelity_error).toBeLessThan(Number(of("full")?.mean_fidelity_error));
  expect(of("rfa")?.fidelity_against).toBe("full attention of q and k of length 1 at τ = 1");
  for (const id of ["full", "fnet"]) expect(of(id)?.fidelity_against).toBeUndefined();
  expect(of("fnet")).toMatchObject({ fidelity_error: null, mean_fidelity_error: null });
});
